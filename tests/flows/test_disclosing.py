"""All that a node keeps on a person, in one file: whole, without a secret, and nobody else's."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client as OidcClient
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import CASCADE, ForeignKey, Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chorsu.flows.disclosing import disclose, everything_on
from chorsu.institutions.actions import invite, record_event, set_roles, welcome_guest
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Connection, Institution, Invitation, Person
from chorsu.institutions.personal import in_json
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions as practices
from chorsu.practices.models import Draft
from chorsu.search.rules import Filters
from chorsu.search.saved import saved_by_id
from chorsu.search.saving import save
from chorsu.training.queries.calendars import person_token
from chorsu.wire.identity import Identity
from tests.practices.conftest import person
from tests.practices.content import ready_draft

pytestmark = pytest.mark.django_db

# Rows that go with a person and are read only where there is the row they hang on.
INSIDE = {
    "search.Match": "with the saved search it answers",
    "training.Answer": "with its attempt",
    "training.AnswerFile": "with its attempt",
    "training.AnswerMark.answer": "with the answer",
    "training.Mark.submission": "with the work",
}
EXCUSED = {
    "account.EmailConfirmation": "a key that lets in; this node signs its links and stores none",
    "allauth_idp_oidc.Client": "clients are peers: nobody owns one",
}


def told_of(someone: Person) -> dict[str, object]:
    told: dict[str, object] = json.loads("".join(in_json(everything_on(someone, now=utc_now()))))
    return told


def ways_to_people() -> list[tuple[type[Model], ForeignKey[Model, Model]]]:
    """Every foreign key to a person, and to what is deleted with one, over all tables."""
    keys = [
        (model, field)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
    ]
    theirs: set[type[Model]] = {Person}
    while True:
        more = {
            model for model, field in keys
            if field.related_model in theirs and field.remote_field.on_delete is CASCADE
        }  # fmt: skip
        if more <= theirs:
            return [(model, field) for model, field in keys if field.related_model in theirs]
        theirs |= more


def excused(model: type[Model], field: ForeignKey[Model, Model]) -> bool:
    return any(
        name in listed
        for listed in (INSIDE, EXCUSED)
        for name in (model._meta.label, f"{model._meta.label}.{field.name}")
    )


def test_every_table_that_leads_to_a_person_is_read_for_them(editor: Person) -> None:
    with CaptureQueriesContext(connection) as asked:
        everything_on(editor, now=utc_now())
    said = " ".join(query["sql"] for query in asked.captured_queries)
    ways = ways_to_people()
    assert len(ways) > 40
    missing = [
        f"{model._meta.label}.{field.name}"
        for model, field in ways
        if not excused(model, field)
        and (
            f'"{model._meta.db_table}"."{field.column}" = {editor.pk}' not in said
            if field.related_model is Person
            else f'"{model._meta.db_table}"' not in said
        )
    ]
    assert missing == []
    labels = {model._meta.label for model, _field in ways}
    assert {
        name for name in (*INSIDE, *EXCUSED) if ".".join(name.split(".")[:2]) not in labels
    } == (set())


def test_the_account_is_told_with_its_ways_in_and_no_secret(
    academy: Institution, editor: Person, now: datetime
) -> None:
    browser = Client()
    browser.post("/en/account/login/", {"login": editor.email, "password": "correct horse"})
    EmailAddress.objects.update_or_create(
        user=editor, email=editor.email, defaults={"verified": True, "primary": True}
    )
    TOTP.activate(editor, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(editor)
    peer = OidcClient.objects.create(id="bishkek.chorsu.example", name="Bishkek")
    Token.objects.create(type="ac", hash="a-hash-of-a-code", client=peer, user=editor)
    administrator = person(academy, "admin@hub.example", "Admin Two", "administrator")
    asked = {"roles": ["reader"], "language": "ru", "now": now, "institution_id": academy.pk}
    invited = invite(by=administrator, email="new@hub.example", **asked)  # type: ignore[arg-type]
    set_roles(
        person_id=editor.pk, institution_id=academy.pk, roles=["editor", "administrator"],
        by=administrator, now=now,
    )  # fmt: skip
    invite(by=editor, email="third@hub.example", **asked)  # type: ignore[arg-type]
    saved = save(
        person=editor, question="one window", filters=Filters(), alert="daily", language="ru",
        now=now,
    )  # fmt: skip
    told = told_of(editor)
    account = told["account"]
    assert isinstance(account, dict)
    assert {one["type"] for one in account["ways_to_sign_in"]} == {"totp", "recovery_codes"}
    assert account["e_mail_addresses"][0]["email"] == editor.email
    assert [one["signed_in"][0]["by"] for one in account["sessions"]] == ["password"]
    assert account["sign_ins_elsewhere_under_way"][0]["client_id"] == "bishkek.chorsu.example"
    whole = json.dumps(told, ensure_ascii=False)
    view = saved_by_id(saved)
    secrets = [
        Person.objects.get(pk=editor.pk).password,
        *Session.objects.values_list("session_key", flat=True),
        *Session.objects.values_list("session_data", flat=True),
        *Token.objects.values_list("hash", flat=True),
        *Invitation.objects.values_list("token_hash", flat=True),
        *(str(one) for data in Authenticator.objects.values_list("data", flat=True)
          for one in data.values()),
        *(RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()),
        "JBSWY3DPEHPK3PXP", invited.token, person_token(editor), view.token("feed"),
        view.token("stop"),
    ]  # fmt: skip
    assert len(secrets) > 12
    assert [one for one in secrets if one and len(one) > 4 and one in whole] == []


def test_what_they_did_and_what_was_done_with_them_is_told_without_naming_others(
    academy: Institution, editor: Person, now: datetime
) -> None:
    administrator = person(academy, "admin@hub.example", "Admin Two", "administrator")
    at = {"institution_id": academy.pk, "now": now}
    set_roles(person_id=editor.pk, roles=["administrator"], by=administrator, **at)  # type: ignore[arg-type]
    set_roles(person_id=administrator.pk, roles=[], by=editor, **at)  # type: ignore[arg-type]
    invite(by=editor, email="new@hub.example", roles=["reader"], language="ru", **at)  # type: ignore[arg-type]
    record_event(
        person=administrator, action="employer.officer_added", subject_kind="institution",
        subject_id=academy.pk, detail={"email": "Editor@hub.example"}, now=now,
    )  # fmt: skip
    record_event(
        person=administrator, action="person.deactivated", subject_kind="person",
        subject_id="somebody@else.example", detail={}, now=now,
    )  # fmt: skip
    told = told_of(editor)
    events = told["events"]
    assert isinstance(events, list)
    assert [(one["action"], one["by_this_person"], one.get("subject_id")) for one in events] == [
        ("person.roles_set", False, editor.email),
        ("person.roles_set", True, None),
        ("invitation.sent", True, academy.pk),
        ("employer.officer_added", False, academy.pk),
    ]
    whole = json.dumps(told, ensure_ascii=False)
    for others in ("Admin Two", "admin@hub.example", "new@hub.example", "else.example"):
        assert others not in whole


def test_an_address_that_was_not_confirmed_opens_nothing(
    academy: Institution, editor: Person, now: datetime
) -> None:
    administrator = person(academy, "admin@hub.example", "Admin Two", "administrator")
    at = {"institution_id": academy.pk, "now": now}
    set_roles(person_id=editor.pk, roles=["contributor"], by=administrator, **at)  # type: ignore[arg-type]
    invite(by=administrator, email="new@hub.example", roles=["reader"], language="ru", **at)  # type: ignore[arg-type]
    reader = person(academy, "reader@hub.example", "Reader Two", "reader")
    for one in (editor.email, "new@hub.example"):
        EmailAddress.objects.create(user=reader, email=one, verified=False)
    told = told_of(reader)
    assert told["events"] == []
    assert told["invitations"] == []
    assert len(told["account"]["e_mail_addresses"]) >= 2  # type: ignore[index]
    EmailAddress.objects.filter(user=reader, email="new@hub.example").update(verified=True)
    assert len(told_of(reader)["invitations"]) == 1  # type: ignore[arg-type]


def test_what_was_done_to_others_and_what_was_looked_for_are_not_told(
    academy: Institution, editor: Person, now: datetime
) -> None:
    record_event(
        person=editor, action="person.deactivated", subject_kind="person",
        subject_id="other@else.example", detail={"reason": "zzqx of another"}, now=now,
    )  # fmt: skip
    record_event(
        person=editor, action="audit.exported", subject_kind="institution", subject_id=academy.pk,
        detail={"form": "csv", "filter": "person=other%40else.example"}, now=now,
    )  # fmt: skip
    told = told_of(editor)
    assert [one["action"] for one in told["events"]] == [  # type: ignore[attr-defined]
        "person.deactivated", "audit.exported",
    ]  # fmt: skip
    whole = json.dumps(told)
    assert "zzqx" not in whole
    assert "else.example" not in whole


def test_what_they_wrote_of_practices_and_keep_of_searches_is_in_it(
    editor: Person, contributor_too: Person, now: datetime
) -> None:
    draft_id = ready_draft(editor, now).id
    practices.comment(draft_id=draft_id, field="summary", text="Which year?", by=editor, now=now)
    practices.comment(
        draft_id=draft_id, field="summary", text="Not mine.", by=contributor_too, now=now
    )
    save(
        person=editor, question="one window", filters=Filters(countries=("KZ",)), alert="daily",
        language="ru", now=now,
    )  # fmt: skip
    told = told_of(editor)
    written, searches = told["practices"], told["saved_searches"]
    assert isinstance(written, dict)
    assert [one["id"] for one in written["drafts"]] == [str(draft_id)]
    assert written["drafts"][0]["words"]["title"]
    Draft.objects.update(saved_by=contributor_too)
    begun = told_of(editor)["practices"]
    assert isinstance(begun, dict)
    assert begun["drafts"] == []
    assert [one["id"] for one in begun["drafts_begun"]] == [str(draft_id)]
    Draft.objects.update(saved_by=editor)
    assert [one["text"] for one in written["remarks"]] == ["Which year?"]
    assert written["saves_of_drafts"]
    assert searches == [
        {
            "question": "one window", "filters": {"countries": ["KZ"]}, "alert": "daily",
            "language": "ru", "created_at": now.isoformat(), "found": [],
        }
    ]  # fmt: skip
    others = told_of(contributor_too)["practices"]
    assert isinstance(others, dict)
    assert others["drafts"] == []
    assert [one["text"] for one in others["remarks"]] == ["Not mine."]


@pytest.fixture
def contributor_too(academy: Institution) -> Person:
    return person(academy, "contributor@hub.example", "Contributor Two", "contributor")


def test_sign_ins_at_other_academies_are_in_it(editor: Person, now: datetime) -> None:
    Connection.objects.create(
        person=editor, node="bishkek.chorsu.example", subject="as-they-know-me", agreed_at=now,
        claims=["name"], confirmation=b"signed", forgotten_at=now + timedelta(days=1),
    )  # fmt: skip
    (told,) = told_of(editor)["connected_academies"]  # type: ignore[misc]
    assert (told["node"], told["claims"]) == ("bishkek.chorsu.example", ["name"])
    assert told["confirmation"] == "c2lnbmVk"


def test_of_a_guest_there_is_what_their_home_told(academy: Institution, now: datetime) -> None:
    guest = welcome_guest(
        node="bishkek.chorsu.example", identity=Identity("a-guest-here-001", name="Aiperi"), now=now
    )
    told = told_of(guest)
    assert told["person"]["name"] == "Aiperi"  # type: ignore[index]
    assert told["person"]["known_at_home_as"] == "a-guest-here-001"  # type: ignore[index]
    assert [one["action"] for one in told["events"]] == ["guest.welcomed"]  # type: ignore[attr-defined]


def test_who_answers_a_request_is_an_administrator_and_the_log_says_so(
    academy: Institution, editor: Person, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        disclose(person=editor, by=editor, now=now)
    assert not AuditEvent.objects.filter(action="person.data_taken").exists()
    administrator = person(academy, "admin@hub.example", "Admin Two", "administrator")
    told = disclose(person=editor, by=administrator, now=now)
    assert told["person"]["email"] == editor.email  # type: ignore[index]
    line = AuditEvent.objects.get(action="person.data_taken")
    assert (line.person_id, line.subject_id) == (administrator.pk, editor.email)
