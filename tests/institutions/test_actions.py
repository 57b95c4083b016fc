"""Changing who: invitations, roles, institutions, and what they leave in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from chorsu.institutions import actions, queries
from chorsu.institutions.errors import (
    AlreadyHere,
    EditConflict,
    InvitationState,
    InvitationUnusable,
    LastAdministrator,
    NotAllowed,
    RolesChanged,
)
from chorsu.institutions.models import AuditEvent, Institution, Invitation, Membership, Person
from chorsu.institutions.rules import InstitutionFields

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(academy: Institution) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    return person


@pytest.fixture
def branch(academy: Institution) -> Institution:
    return Institution.objects.create(
        id="hub-south", parent=academy, kind="branch", country="KZ", node="hub.chorsu.example"
    )


def invited(admin: Person, now: datetime, email: str = "new@hub.example") -> str:
    return actions.invite(
        by=admin,
        email=email,
        institution_id="hub-astana",
        roles=["translator", "editor"],
        language="tk",
        now=now,
    ).token


def fields(**changes: object) -> InstitutionFields:
    given: dict[str, object] = {
        "country": "KZ",
        "website": "",
        "names": {"en": "Hub"},
        "shorts": {},
        **changes,
    }
    return InstitutionFields(**given)  # type: ignore[arg-type]


def test_an_invitation_makes_a_person_with_its_roles_and_language(
    admin: Person, now: datetime
) -> None:
    token = invited(admin, now)
    person = actions.accept_invitation(
        token=token, name=" Aýna  Orazowa ", password="tall poplar trees", now=now
    )
    assert (person.email, person.name, person.languages) == (
        "new@hub.example",
        "Aýna Orazowa",
        ["tk"],
    )
    assert person.check_password("tall poplar trees")
    assert queries.roles(person, "hub-astana") == {"editor", "translator"}


def test_the_token_is_nowhere_in_the_database(admin: Person, now: datetime) -> None:
    token = invited(admin, now)
    row = Invitation.objects.get()
    assert row.token_hash == queries.token_hash(token)
    assert token not in str(Invitation.objects.values()) + str(AuditEvent.objects.values())


def test_an_invitation_is_used_once(admin: Person, now: datetime) -> None:
    token = invited(admin, now)
    actions.accept_invitation(token=token, name="One", password="tall poplar trees", now=now)
    with pytest.raises(InvitationUnusable) as caught:
        actions.accept_invitation(token=token, name="Two", password="tall poplar trees", now=now)
    assert caught.value.state is InvitationState.USED
    assert Person.objects.filter(email="new@hub.example").count() == 1


@pytest.mark.parametrize(
    ("after", "state"), [(timedelta(days=14), "expired"), (timedelta(days=13, hours=23), "")]
)
def test_an_invitation_ends_after_fourteen_days(
    admin: Person, now: datetime, after: timedelta, state: str
) -> None:
    token = invited(admin, now)
    try:
        actions.accept_invitation(
            token=token, name="A", password="tall poplar trees", now=now + after
        )
        ended = ""
    except InvitationUnusable as error:
        ended = error.state.value
    assert ended == state


def test_a_revoked_invitation_lets_nobody_in(admin: Person, now: datetime) -> None:
    token = invited(admin, now)
    actions.revoke_invitation(invitation_id=Invitation.objects.get().pk, by=admin, now=now)
    with pytest.raises(InvitationUnusable) as caught:
        actions.accept_invitation(token=token, name="A", password="tall poplar trees", now=now)
    assert caught.value.state is InvitationState.REVOKED


def test_inviting_again_revokes_the_link_sent_before(admin: Person, now: datetime) -> None:
    first, second = invited(admin, now), invited(admin, now, "New@hub.example")
    states = [queries.invitation_for(token, now=now) for token in (first, second)]
    assert [one.state for one in states if one] == ["revoked", "open"]


def test_a_weak_password_is_refused_and_the_invitation_stays_open(
    admin: Person, now: datetime
) -> None:
    token = invited(admin, now)
    with pytest.raises(ValidationError) as caught:
        actions.accept_invitation(token=token, name="A", password="password", now=now)
    assert list(caught.value.message_dict) == ["password"]
    found = queries.invitation_for(token, now=now)
    assert found is not None
    assert found.state is InvitationState.OPEN


def test_an_invitation_is_only_for_its_own_address(
    admin: Person, editor: Person, now: datetime
) -> None:
    token = invited(admin, now)
    with pytest.raises(InvitationUnusable):
        actions.join_by_invitation(token=token, person=editor, now=now)


def test_whoever_has_an_account_is_not_invited(
    admin: Person, editor: Person, now: datetime
) -> None:
    with pytest.raises(AlreadyHere):
        invited(admin, now, "EDITOR@hub.example")


def test_only_an_administrator_invites(editor: Person, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        invited(editor, now)
    assert not Invitation.objects.exists()


def test_roles_are_set_as_chosen_and_logged(admin: Person, editor: Person, now: datetime) -> None:
    actions.set_roles(
        person_id=editor.pk, institution_id="hub-astana", roles=["reader"], by=admin, now=now
    )
    assert queries.roles(Person.objects.get(pk=editor.pk), "hub-astana") == {"reader"}
    event = AuditEvent.objects.get(action="person.roles_set")
    assert (event.actor, event.subject_id, event.at) == (admin.email, editor.email, now)
    assert event.detail["before"] == ["contributor", "editor", "translator"]
    assert event.detail["after"] == ["reader"]


def test_roles_that_somebody_else_changed_meanwhile_are_not_overwritten(
    admin: Person, editor: Person, now: datetime
) -> None:
    with pytest.raises(RolesChanged) as caught:
        actions.set_roles(
            person_id=editor.pk,
            institution_id="hub-astana",
            roles=["reader"],
            before=["editor"],
            by=admin,
            now=now,
        )
    assert caught.value.current == {"contributor", "editor", "translator"}
    assert queries.may(editor, "editor", "hub-astana")  # type: ignore[arg-type]


def test_the_last_administrator_cannot_lose_the_role(admin: Person, now: datetime) -> None:
    with pytest.raises(LastAdministrator):
        actions.set_roles(
            person_id=admin.pk, institution_id="hub-astana", roles=[], by=admin, now=now
        )
    assert queries.held_roles(admin.pk, "hub-astana") == {"administrator"}


def test_the_last_active_administrator_cannot_be_deactivated(admin: Person, now: datetime) -> None:
    gone = Person.objects.create_user("gone@hub.example")
    Membership.objects.create(person=gone, institution_id="hub-astana", role="administrator")
    actions.deactivate_person(person_id=gone.pk, by=admin, now=now)
    with pytest.raises(LastAdministrator):
        actions.deactivate_person(person_id=admin.pk, by=admin, now=now)
    assert Person.objects.get(pk=admin.pk).is_active


def test_a_branch_may_be_left_to_the_administrators_above_it(
    admin: Person, branch: Institution, now: datetime
) -> None:
    person = Person.objects.create_user("south@hub.example")
    Membership.objects.create(person=person, institution=branch, role="administrator")
    actions.set_roles(person_id=person.pk, institution_id=branch.id, roles=[], by=admin, now=now)
    assert queries.held_roles(person.pk, branch.id) == set()


def test_a_branch_administrator_cannot_shut_out_somebody_of_the_parent(
    admin: Person, editor: Person, branch: Institution, now: datetime
) -> None:
    south = Person.objects.create_user("south@hub.example")
    Membership.objects.create(person=south, institution=branch, role="administrator")
    Membership.objects.create(person=editor, institution=branch, role="reader")
    with pytest.raises(NotAllowed):
        actions.deactivate_person(person_id=editor.pk, by=south, now=now)
    assert Person.objects.get(pk=editor.pk).is_active


def test_an_edit_from_an_old_version_changes_nothing(admin: Person, now: datetime) -> None:
    names = {"en": "The Hub"}
    actions.edit_institution(
        institution_id="hub-astana", fields=fields(names=names), version=1, by=admin, now=now
    )
    with pytest.raises(EditConflict) as caught:
        actions.edit_institution(
            institution_id="hub-astana",
            fields=fields(names={"en": "Mine"}),
            version=1,
            by=admin,
            now=now,
        )
    assert caught.value.current_version == 2
    assert queries.institution("hub-astana").name("en") == "The Hub"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"names": {}}, "name-zh-Hans"),
        ({"names": {"ru": "x" * 201}}, "name-ru"),
        ({"shorts": {"kk": "x"}}, "name-kk"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"country": "Kazakhstan"}, "country"),
    ],
)
def test_a_wrong_entry_names_its_field_and_changes_nothing(
    admin: Person, now: datetime, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.edit_institution(
            institution_id="hub-astana", fields=fields(**changes), version=1, by=admin, now=now
        )
    assert list(caught.value.message_dict) == [field]
    assert queries.institution("hub-astana").version == 1


def test_a_branch_is_added_under_its_parent(admin: Person, now: datetime) -> None:
    actions.add_branch(
        parent_id="hub-astana", institution_id="hub-west", fields=fields(), by=admin, now=now
    )
    view = queries.institution("hub-west")
    assert (view.parent_id, view.kind, view.node) == ("hub-astana", "branch", "hub.chorsu.example")
    assert [one.id for one in queries.own_institutions()] == ["hub-astana", "hub-west"]
    with pytest.raises(ValidationError):
        actions.add_branch(
            parent_id="hub-astana", institution_id="hub-west", fields=fields(), by=admin, now=now
        )


def test_the_list_is_loaded_with_names_in_eight_languages(db: None, now: datetime) -> None:
    assert actions.load_institutions(now=now) == len(queries.institutions())
    assert all(len(view.names) == 8 for view in queries.institutions())
    assert queries.institution("cn-gansu").parent_id == "cn-nag"


def test_loading_again_keeps_what_was_edited_here(db: None, now: datetime) -> None:
    actions.load_institutions(now=now)
    admin = Person.objects.create_user("admin@hub.example")
    Membership.objects.create(person=admin, institution_id="hub-astana", role="administrator")
    actions.edit_institution(
        institution_id="hub-astana",
        fields=fields(names={"en": "Our Hub"}),
        version=1,
        by=admin,
        now=now,
    )
    before = len(queries.institutions())
    actions.load_institutions(now=now)
    assert queries.institution("hub-astana").names == {"en": "Our Hub"}
    assert len(queries.institutions()) == before


def test_reading_languages_are_kept_in_order_and_once(editor: Person, now: datetime) -> None:
    actions.set_languages(person=editor, languages=["tk", "ru", "tk"], now=now)
    assert queries.reading_languages(Person.objects.get(pk=editor.pk)) == ["tk", "ru"]
    with pytest.raises(ValidationError):
        actions.set_languages(person=editor, languages=["de"], now=now)
