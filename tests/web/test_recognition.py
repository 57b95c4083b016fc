"""What the page that checks documents says of a peer's certificate: whether it counts here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from chorsu.flows.pulling import pull
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution
from chorsu.kernel.clock import utc_now
from chorsu.training.models import Recognition
from tests.flows.conftest import beijing
from tests.flows.test_certifying import issue, listed, tell
from tests.memory_node import MemoryNode
from tests.vectors.credentials import INDEX
from tests.web.test_certificates import ask
from tests.web.test_verifying import facts, headline, plain

pytestmark = pytest.mark.django_db
__all__ = ["beijing"]
Count = Callable[[int], AbstractContextManager[Any]]
LABELS = {"en": "Recognised here", "ru": "Признаётся здесь", "zh-Hans": "此处的认可"}


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


def counts(client: Client, data: bytes, language: str) -> str | None:
    """What the page says of recognition; None: nothing."""
    html = ask(client, data, language=language.lower())
    found = facts(html).get(LABELS[language])
    return None if found is None else plain(found)


@pytest.mark.parametrize(
    ("language", "without", "by"),
    [
        (
            "ru",
            "Ни одно правило этого учреждения его не признаёт.",
            "36 академических часов, основание: Приказ 7",
        ),
        ("zh-Hans", "本机构没有任何规则认可它。", "36学时，依据：Приказ 7"),
        (
            "en",
            "No rule of this institution recognises it.",
            "36 academic hours, by Приказ 7",
        ),
    ],
)
def test_a_peers_certificate_with_and_without_a_rule(
    client: Client,
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    language: str,
    without: str,
    by: str,
) -> None:
    data = issue(beijing, now).compact
    assert counts(client, data, language) == without
    Recognition.objects.create(
        institution=academy, issuer="cn-nag", since=now.date(), created_at=now, percent=50,
        basis="Приказ 7",
    )  # fmt: skip
    assert counts(client, data, language) == by


def test_one_that_was_revoked_is_not_said_to_count(
    client: Client, beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    data = issue(beijing, now).compact
    tell(beijing, listed(beijing, 2, INDEX))
    pull(peer_name=beijing.name, now=now)
    html = ask(client, data)
    assert headline(html)[1].startswith("Revoked: ")
    assert LABELS["en"] not in facts(html)


def test_competences_are_named_in_the_readers_language_with_their_levels(
    client: Client, beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    load_institutions(now=now)
    data = issue(beijing, now).compact
    html = ask(client, data, language="tk")
    said = facts(html)["Ukyplar"]
    assert plain(said) == "Raýata amatly hyzmaty taslamak Özbaşdak ulanýar" + (
        "数据治理 Ýolbaşçylyk bilen ulanýar"
    )
    # What the network's framework lacks stands as the certificate names it, in its language.
    assert '<span lang="zh-Hans">数据治理</span>' in said
    assert 'lang="zh-Hans">Raýata' not in said


def test_checking_a_peers_certificate_takes_few_queries(
    client: Client,
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    django_assert_max_num_queries: Count,
) -> None:
    data = issue(beijing, now).compact
    ask(client, data)
    with django_assert_max_num_queries(8):
        ask(client, data)
