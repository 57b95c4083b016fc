"""People of an institution: who may see them, inviting, joining, roles."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions import actions, queries
from chorsu.institutions.models import (
    AuditEvent,
    Institution,
    InstitutionName,
    Invitation,
    Membership,
    Person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(academy: Institution) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin One")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    return person


@pytest.fixture
def office(admin: Person) -> Client:
    """The browser of an administrator."""
    cache.clear()
    client = Client()
    client.force_login(admin)
    return client


def url(name: str, *arguments: object, language: str = "en") -> str:
    with translation.override(language):
        return reverse(name, args=arguments)


INVITE = {"email": "new@hub.example", "roles": ["editor", "translator"], "language": "tk"}


def mailed_path() -> str:
    (path,) = re.findall(rf"{re.escape(settings.NODE_ADDRESS)}(/\S+)", str(mail.outbox[-1].body))
    return str(path)


@pytest.mark.parametrize("name", ["people", "audit"])
def test_the_page_is_for_administrators_only(editor: Person, client: Client, name: str) -> None:
    assert client.get(url(name)).status_code == 302
    client.force_login(editor)
    assert client.get(url(name)).status_code == 403


def test_an_administrator_of_a_branch_sees_only_its_people(admin: Person, client: Client) -> None:
    branch = Institution.objects.create(
        id="hub-south", parent_id="hub-astana", kind="branch", country="KZ", node="hub"
    )
    person = Person.objects.create_user("south@hub.example")
    Membership.objects.create(person=person, institution=branch, role="administrator")
    client.force_login(person)
    page = client.get(url("people"))
    assert [row.email for row in page.context["people"]] == ["south@hub.example"]
    assert client.get(url("people", "hub-astana")).status_code == 403
    post = client.post(url("people", "hub-astana"), INVITE)
    assert post.status_code == 403
    assert client.get(url("person", "hub-astana", admin.pk)).status_code == 403


def test_the_list_takes_as_many_queries_for_many_as_for_few(
    office: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        person = Person.objects.create_user(f"p{number}@hub.example")
        Membership.objects.create(person=person, institution_id="hub-astana", role="reader")
    with django_assert_max_num_queries(9):
        page = office.get(url("people"))
    assert len(page.context["people"]) == 31


def test_an_invitation_is_mailed_in_the_language_chosen(office: Client) -> None:
    answer = office.post(url("people", "hub-astana", language="ru"), INVITE)
    assert answer.status_code == 302
    assert mail.outbox[0].to == ["new@hub.example"]
    assert mailed_path().startswith("/tk/invitation/")


def test_what_was_typed_is_kept_and_the_field_named(office: Client) -> None:
    page = office.post(url("people", "hub-astana"), {**INVITE, "email": "not an address"})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["email"]
    assert 'value="not an address"' in page.content.decode()
    assert page.content.decode().count("checked") == 2
    assert mail.outbox == []


def test_somebody_with_an_account_gets_the_roles_without_a_link(
    office: Client, editor: Person
) -> None:
    invite = {**INVITE, "email": "Editor@hub.example", "roles": ["coordinator"]}
    office.post(url("people", "hub-astana"), invite)
    held = queries.held_roles(editor.pk, "hub-astana")
    assert held == {"contributor", "coordinator", "editor", "translator"}
    assert mail.outbox == []


def test_when_the_mail_fails_the_administrator_gets_the_link(
    office: Client, settings: pytest.FixtureRequest
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]
    page = office.post(url("people", "hub-astana"), INVITE, follow=True)
    (path,) = re.findall(r"(/tk/invitation/[\w-]+/)", page.content.decode())
    assert Client().get(path).status_code == 200


def test_whoever_opens_the_link_joins_and_is_signed_in(office: Client) -> None:
    office.post(url("people", "hub-astana"), INVITE)
    visitor = Client()
    path = mailed_path()
    assert "new@hub.example" in visitor.get(path).content.decode()
    answer = visitor.post(path, {"name": "Aýna", "password": "tall poplar trees"})
    assert answer["Location"] == url("account", language="tk")
    person = visitor.get(url("account")).context["person"]
    assert (person.name, person.languages) == ("Aýna", ["tk"])
    assert queries.held_roles(person.pk, "hub-astana") == {"editor", "translator"}
    logged = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert logged == ["invitation.sent", "invitation.accepted", "person.signed_in"]


def test_a_weak_password_is_named_and_the_name_kept(office: Client) -> None:
    office.post(url("people", "hub-astana"), INVITE)
    page = Client().post(mailed_path(), {"name": "Aýna", "password": "12345"})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["password"]
    assert 'value="Aýna"' in page.content.decode()
    assert "12345" not in page.content.decode()


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"accepted_at": datetime(2026, 1, 1, tzinfo=UTC)}, 410, "It was used already."),
        ({"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)}, 410, "It was revoked"),
        ({"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}, 410, "It has expired"),
        ({"token_hash": "0" * 64}, 404, "The link is not complete"),
    ],
)
def test_a_link_that_cannot_be_used_says_why(
    office: Client, change: dict[str, object], status: int, words: str
) -> None:
    office.post(url("people", "hub-astana"), INVITE)
    Invitation.objects.update(**change)
    page = Client().get(mailed_path().replace("/tk/", "/en/"))
    assert page.status_code == status
    assert words in page.content.decode()


def test_a_person_signed_in_as_another_does_not_take_the_invitation(
    office: Client, editor: Person, client: Client
) -> None:
    office.post(url("people", "hub-astana"), INVITE)
    client.force_login(editor)
    path = mailed_path().replace("/tk/", "/en/")
    page = client.post(path, {"name": "X", "password": "tall poplar trees"})
    assert "signed in as Editor One" in page.content.decode()
    assert not Person.objects.filter(email="new@hub.example").exists()


def test_an_account_made_meanwhile_joins_by_signing_in(office: Client, client: Client) -> None:
    office.post(url("people", "hub-astana"), INVITE)
    person = Person.objects.create_user("new@hub.example", "correct horse")
    path = mailed_path()
    assert "account_login" not in client.post(path, {"password": "stolen stolen"}).content.decode()
    assert Person.objects.get(pk=person.pk).check_password("correct horse")
    client.force_login(person)
    client.post(path)
    assert queries.held_roles(person.pk, "hub-astana") == {"editor", "translator"}


def test_revoking_an_invitation_closes_its_link(office: Client) -> None:
    office.post(url("people", "hub-astana"), INVITE)
    office.post(url("invitation-revoke", "hub-astana", Invitation.objects.get().pk))
    assert Client().get(mailed_path()).status_code == 410


def test_roles_are_set_on_the_persons_page(office: Client, editor: Person) -> None:
    page = office.get(url("person", "hub-astana", editor.pk))
    before = page.context["form"].initial["before"]
    office.post(url("person", "hub-astana", editor.pk), {"roles": ["reader"], "before": before})
    assert queries.held_roles(editor.pk, "hub-astana") == {"reader"}


def test_of_two_administrators_the_second_is_told_and_can_save_again(
    office: Client, editor: Person
) -> None:
    page = office.post(
        url("person", "hub-astana", editor.pk), {"roles": ["reader"], "before": "editor"}
    )
    text = page.content.decode()
    assert "Now they are: Contributor, Editor and Translator." in text
    assert 'value="contributor,editor,translator"' in text
    assert queries.held_roles(editor.pk, "hub-astana") == {"contributor", "editor", "translator"}


def test_the_last_administrator_is_told_why_the_role_stays(office: Client, admin: Person) -> None:
    page = office.post(
        url("person", "hub-astana", admin.pk), {"roles": ["reader"], "before": "administrator"}
    )
    assert "this is the last one" in page.content.decode()
    assert queries.held_roles(admin.pk, "hub-astana") == {"administrator"}


def test_a_deactivated_person_can_be_let_in_again(office: Client, editor: Person) -> None:
    address = url("person-active", "hub-astana", editor.pk)
    office.post(address)
    assert not Person.objects.get(pk=editor.pk).is_active
    office.post(address, {"active": "1"})
    assert Person.objects.get(pk=editor.pk).is_active


def test_a_name_that_looks_like_markup_is_shown_as_text(office: Client, now: datetime) -> None:
    person = Person.objects.create_user("x@hub.example", name="<script>alert(1)</script>")
    Membership.objects.create(person=person, institution_id="hub-astana", role="reader")
    page = office.get(url("people")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_edit_of_an_institution_is_seen_at_once_and_a_second_is_told(office: Client) -> None:
    address = url("institution-edit", "hub-astana")
    entry = {"country": "KZ", "website": "", "version": "1", "name-en": "The Hub", "name-tk": "Hub"}
    assert office.post(address, entry).status_code == 302
    assert queries.institution("hub-astana").name("tk") == "Hub"
    page = office.post(address, {**entry, "name-en": "My Hub"})
    assert page.status_code == 409
    assert 'value="My Hub"' in page.content.decode()
    assert ("The Hub") in dict(page.context["theirs"]).values()
    again = {**entry, "name-en": "My Hub", "version": page.context["form"].data["version"]}
    assert office.post(address, again).status_code == 302
    assert queries.institution("hub-astana").name("en") == "My Hub"


def test_a_name_too_long_is_named_by_field_and_kept(office: Client) -> None:
    entry = {"country": "KZ", "version": "1", "name-en": "x" * 201}
    page = office.post(url("institution-edit", "hub-astana"), entry)
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["name-en"]
    assert "x" * 201 in page.content.decode()
    assert queries.institution("hub-astana").name("en") == "Astana Civil Service Hub"


def test_the_country_of_an_institution_is_chosen_by_its_name(office: Client) -> None:
    there = url("institution-edit", "hub-astana")
    assert '<option value="KZ" selected>Kazakhstan</option>' in office.get(there).content.decode()
    page = office.post(there, {"country": "Kazakhstan", "version": "1", "name-en": "The Hub"})
    assert list(page.context["form"].errors) == ["country"]


def test_only_administrators_edit_an_institution(editor: Person, client: Client) -> None:
    client.force_login(editor)
    assert client.get(url("institution-edit", "hub-astana")).status_code == 403
    assert client.get(url("branch-add", "hub-astana")).status_code == 403


def test_a_branch_is_added_on_its_page(office: Client) -> None:
    entry = {"id": "hub-west", "country": "KZ", "name-en": "Hub West"}
    assert office.post(url("branch-add", "hub-astana"), entry).status_code == 302
    assert queries.institution("hub-west").name("en") == "Hub West"
    page = office.post(url("branch-add", "hub-astana"), entry)
    assert list(page.context["form"].errors) == ["id"]


def test_languages_are_moved_by_plain_buttons(editor: Person, client: Client) -> None:
    client.force_login(editor)
    steps = [("add", "tk"), ("add", "ru"), ("add", "zh-Hans"), ("up", "zh-Hans"), ("remove", "ru")]
    for verb, tag in steps:
        client.post(url("account-languages"), {verb: tag})
    assert queries.reading_languages(Person.objects.get(pk=editor.pk)) == ["tk", "zh-Hans"]
    client.post(url("account-languages"), {"up": "tk"})
    client.post(url("account-languages"), {"down": "tk"})
    client.post(url("account-languages"), {"add": "de"})
    assert queries.reading_languages(Person.objects.get(pk=editor.pk)) == ["zh-Hans", "tk"]


def test_ones_own_name_is_changed_and_logged(editor: Person, client: Client) -> None:
    client.force_login(editor)
    assert client.post(url("account"), {"name": " "}).status_code == 400
    client.post(url("account"), {"name": "Editor Two"})
    assert Person.objects.get(pk=editor.pk).name == "Editor Two"
    assert AuditEvent.objects.get().detail == {"before": "Editor One", "after": "Editor Two"}


def test_pages_for_people_show_names_in_the_pages_language(office: Client) -> None:
    InstitutionName.objects.create(
        institution_id="hub-astana", language="kk", name="Астана хабы", short="Хаб"
    )
    queries.forget_institutions()
    assert "Астана хабы" in office.get(url("people", language="kk")).content.decode()


def test_the_audit_log_is_read_in_pages(office: Client, admin: Person, now: datetime) -> None:
    for number in range(60):
        actions.record_event(
            person=admin,
            action="practice.published",
            subject_kind="practice",
            subject_id=str(number),
            detail={},
            now=now,
        )
    first = office.get(url("audit"), {"action": "practice.published"})
    assert len(first.context["rows"]) == 50
    older = office.get(url("audit") + first.context["pages"]["next_url"])
    shown = [row.event.subject_id for page in (first, older) for row in page.context["rows"]]
    assert shown == [str(number) for number in reversed(range(60))]
    assert older.context["pages"]["next_url"] == ""
