"""The list of texts that readers of this node lack."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chorsu.language import actions, queries
from chorsu.language.models import TranslationRequest

pytestmark = pytest.mark.django_db
RECORD = "01a20b57-41cf-7240-9c2d-67167621df3b"


def ask(revision: int, texts: dict[str, int], now: datetime) -> dict[str, str]:
    actions.request(
        kind="practice",
        record_id=RECORD,
        revision=revision,
        original_language="zh-Hans",
        texts=texts,
        now=now,
    )
    return dict(TranslationRequest.objects.values_list("language", "reason"))


def test_what_is_missing_and_what_is_stale_is_asked_for(now: datetime) -> None:
    assert ask(2, {"zh-Hans": 2, "ru": 1, "en": 2}, now) == {
        "kk": "missing",
        "ky": "missing",
        "uz": "missing",
        "tg": "missing",
        "tk": "missing",
        "ru": "stale",
    }


def test_a_request_goes_when_its_text_comes(now: datetime) -> None:
    ask(1, {"zh-Hans": 1}, now)
    assert "tk" not in ask(1, {"zh-Hans": 1, "tk": 1}, now)


def test_a_request_that_stands_keeps_its_place(now: datetime) -> None:
    ask(1, {"zh-Hans": 1}, now)
    ask(2, {"zh-Hans": 2, "tk": 1}, now + timedelta(days=9))
    row = TranslationRequest.objects.get(language="tk")
    assert (row.requested_at, row.revision, row.reason) == (now, 2, "stale")


def test_nothing_is_asked_for_a_withdrawn_record(now: datetime) -> None:
    ask(1, {"zh-Hans": 1}, now)
    actions.forget(kind="practice", record_id=RECORD)
    assert queries.counts(["ru", "tk"]) == {"ru": 0, "tk": 0}


def test_requests_come_longest_waiting_first(now: datetime) -> None:
    ask(1, {"zh-Hans": 1}, now)
    TranslationRequest.objects.filter(language="tk").update(requested_at=now - timedelta(days=1))
    found = queries.requests(["ru", "tk"])
    assert [(one.language, one.record_id) for one in found] == [("tk", RECORD), ("ru", RECORD)]
