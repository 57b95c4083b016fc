"""Lists: what is in them, from when to when, in which sets, and how they go on."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from lxml import etree
from pytest_django import DjangoAssertNumQueries

from chorsu.flows.teaching import publish_course, withdraw_course
from chorsu.institutions.models import Person
from chorsu.web.oai import lists
from tests.training.courses.content import ready_draft
from tests.web.library import ID, publish
from tests.web.oai.asking import OAI, ask, error, identifiers, texts
from tests.web.oai.conftest import CLOSED, NEVER_OPEN, WITHDRAWN

pytestmark = pytest.mark.django_db


def headers(**arguments: str) -> dict[str, etree._Element]:
    answer = ask(verb="ListRecords", metadataPrefix="oai_dc", **arguments)
    found = answer.iter(f"{OAI}header")
    return {texts(one, "identifier")[0].rpartition(":")[2]: one for one in found}


def many(now: datetime, count: int) -> list[str]:
    made = [f"01a20b57-41cf-7240-9c2d-{number:012x}" for number in range(count)]
    for number, record_id in enumerate(made):
        publish(now + timedelta(minutes=number), record_id, texts=[])
    return made


def test_each_record_once_at_its_latest_entry(log: datetime) -> None:
    assert identifiers() == [ID, WITHDRAWN, CLOSED]
    assert texts(ask(verb="ListIdentifiers", metadataPrefix="oai_dc"), "datestamp") == [
        "2026-11-26T09:30:00Z",
        "2026-11-27T09:30:00Z",
        "2026-11-28T09:30:00Z",
    ]


def test_what_is_withdrawn_or_no_longer_public_is_deleted_and_says_nothing(log: datetime) -> None:
    answer = ask(verb="ListRecords", metadataPrefix="chorsu")
    states = [(one.get("status"), len(one.getparent())) for one in answer.iter(f"{OAI}header")]

    assert states == [(None, 2), ("deleted", 1), ("deleted", 1)]
    assert b"For the network now" not in etree.tostring(answer)


def test_what_was_never_public_is_nowhere(log: datetime) -> None:
    assert NEVER_OPEN not in identifiers()
    name = f"oai:hub.chorsu.example:{NEVER_OPEN}"
    assert error(verb="GetRecord", metadataPrefix="oai_dc", identifier=name) == "idDoesNotExist"


def test_a_deletion_reaches_every_set_that_had_the_record(log: datetime) -> None:
    for spec in ("institution:hub-astana", "theme:service-delivery", "language:tk"):
        assert {WITHDRAWN, CLOSED} <= set(identifiers(set=spec))
    assert error(
        verb="ListRecords", metadataPrefix="oai_dc", set="theme:transport"
    ) == "noRecordsMatch"  # fmt: skip


def test_sets_hold_what_their_headers_say(log: datetime) -> None:
    assert texts(headers()[ID], "setSpec") == [
        "institution:hub-astana",
        "theme:service-delivery",
        "theme:digital-government",
        "language:en",
        "language:kk",
        "language:ru",
        "language:uz",
        "kind:practice",
    ]
    assert [ID in identifiers(set=f"language:{tag}") for tag in ("ru", "tg")] == [True, False]
    assert identifiers(set="language") == identifiers()


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ({"from_": "2026-11-26"}, [ID, WITHDRAWN, CLOSED]),
        ({"from_": "2026-11-26T09:30:00Z"}, [ID, WITHDRAWN, CLOSED]),
        ({"from_": "2026-11-26T09:30:01Z"}, [WITHDRAWN, CLOSED]),
        ({"until": "2026-11-26"}, [ID]),
        ({"until": "2026-11-26T09:30:00Z"}, [ID]),
        ({"from_": "2026-11-27", "until": "2026-11-27"}, [WITHDRAWN]),
        ({"until": "9999-12-31"}, [ID, WITHDRAWN, CLOSED]),
    ],
)
def test_from_and_until_are_both_within(
    log: datetime, times: dict[str, str], found: list[str]
) -> None:
    assert identifiers(**times) == found


@pytest.mark.parametrize(
    "times", [{"until": "2026-11-25T09:30:00Z"}, {"from_": "2026-11-29"}, {"until": "1999-01-01"}]
)
def test_a_time_without_records(log: datetime, times: dict[str, str]) -> None:
    assert error(verb="ListRecords", metadataPrefix="oai_dc", **times) == "noRecordsMatch"


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_pages_of_any_size_give_the_same_list(
    academy: object, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    made = many(now, 7)
    monkeypatch.setattr(lists, "PAGE", size)

    assert identifiers() == made


def test_the_last_page_has_an_empty_token_and_a_whole_list_none(
    academy: object, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(now, 3)
    asked = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    assert ask(**asked).find(f".//{OAI}resumptionToken") is None

    monkeypatch.setattr(lists, "PAGE", 2)
    first = ask(**asked).find(f".//{OAI}resumptionToken")
    assert first is not None
    assert dict(first.attrib) == {"completeListSize": "3", "cursor": "0"}
    last = ask(verb="ListRecords", resumptionToken=str(first.text))
    end = last.find(f".//{OAI}resumptionToken")
    assert end is not None
    assert (end.text, dict(end.attrib)) == (None, {"completeListSize": "3", "cursor": "2"})


def test_courses_are_in_the_list_and_in_sets_of_their_own(
    log: datetime, editor: Person, now: datetime
) -> None:
    later = now + timedelta(days=9)
    draft = ready_draft(editor, later)
    course = publish_course(draft_id=draft.id, version=draft.version, by=editor, now=later)

    assert identifiers() == [ID, WITHDRAWN, CLOSED, course.id]
    assert identifiers(set="kind:course") == [course.id]
    assert identifiers(set="kind:practice") == [ID, WITHDRAWN, CLOSED]
    assert course.id in identifiers(set="theme:service-delivery")
    assert course.id not in identifiers(set="language:ru")
    assert texts(headers(set="kind:course")[course.id], "setSpec") == [
        "institution:hub-astana",
        "theme:service-delivery",
        "language:en",
        "kind:course",
    ]

    withdraw_course(course_id=course.id, reason="A mistake.", by=editor, now=later)
    gone = headers(set="kind:course")[course.id]
    assert gone.get("status") == "deleted"
    assert "theme:service-delivery" in texts(gone, "setSpec")
    assert course.id in identifiers(set="language:ru")


def test_a_record_that_changes_between_two_pages_is_met_at_its_new_place(
    editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(now, 4)
    monkeypatch.setattr(lists, "PAGE", 2)
    first = ask(verb="ListIdentifiers", metadataPrefix="oai_dc")
    later = now + timedelta(days=400)
    publish(later, made[0], texts=[], title="Seen already, and changed")
    publish(later, made[2], texts=[], title="Not seen yet, and changed")
    new = str(uuid.UUID(int=uuid.UUID(made[3]).int + 1))
    publish(later, new, texts=[])

    rest: list[str] = []
    token = "".join(texts(first, "resumptionToken"))
    while token:
        page = ask(verb="ListIdentifiers", resumptionToken=token)
        rest += [name.rpartition(":")[2] for name in texts(page, "identifier")]
        token = "".join(texts(page, "resumptionToken"))
    assert rest == [made[3], made[0], made[2], new]


def test_a_token_written_down_years_ago_still_opens_the_list(
    academy: object, now: datetime
) -> None:
    made = many(now, 3)

    page = ask(verb="ListIdentifiers", resumptionToken="i/0/1/3/oai_dc///")
    assert [name.rpartition(":")[2] for name in texts(page, "identifier")] == made[1:]


def test_a_token_keeps_what_was_asked(
    academy: object, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(now, 4)
    monkeypatch.setattr(lists, "PAGE", 1)

    found = identifiers(set="theme:service-delivery", from_="2026-11-24", until="2026-11-24")
    assert found == made
    assert error(
        verb="ListIdentifiers",
        resumptionToken="i/0/1/4/oai_dc/theme:transport/2026-11-24/2026-11-24",
    ) == "noRecordsMatch"  # fmt: skip


@pytest.mark.parametrize(
    "token",
    [
        "",
        "r",
        "r/0/1/3/oai_dc///",  # of the other verb
        "i/0/1/3/oai_dc//",
        "i/0/1/3/oai_dc////",
        "i/00/1/3/oai_dc///",
        "i/-1/1/3/oai_dc///",
        "i/+1/1/3/oai_dc///",
        "i/٤/1/3/oai_dc///",
        "i/1_0/1/3/oai_dc///",
        "i/0/1/9999999999999999999/oai_dc///",
        "i/0/1/3/marc///",
        "i/0/1/3/oai_dc/planet:earth//",
        "i/0/1/3/oai_dc//yesterday/",
        "i/0/1/3/oai_dc//2026-11-24/2026-11-23",
        "i/0/1/3/oai_dc///\n",
        "i/0/1/3/oai_dc/" + "language:" * 40 + "ru//",
    ],
)
def test_tokens_that_were_never_given(log: datetime, token: str) -> None:
    assert error(verb="ListIdentifiers", resumptionToken=token) == "badResumptionToken"


@pytest.mark.parametrize(("prefix", "most"), [("oai_dc", 7), ("chorsu", 8)])
def test_queries_of_a_page_do_not_grow_with_it(
    log: datetime, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries,
    prefix: str, most: int,
) -> None:  # fmt: skip
    many(now, 5)
    ask(verb="Identify")  # the institutions are kept for half a minute
    with django_assert_max_num_queries(most):
        answer = Client().get("/oai", {"verb": "ListRecords", "metadataPrefix": prefix})
    assert answer.content.count(b"<record>") == 8
