"""Who may do what where, and how institutions are read."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions import queries
from chorsu.institutions.models import Institution, InstitutionName, Membership, Person, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch(academy: Institution) -> Institution:
    return Institution.objects.create(
        id="a-branch", parent=academy, kind="branch", country="KZ", node="hub.chorsu.example"
    )


def test_a_role_in_a_parent_holds_in_its_branch_but_not_the_other_way(
    academy: Institution, branch: Institution
) -> None:
    above = Person.objects.create_user("above@hub.example")
    below = Person.objects.create_user("below@hub.example")
    Membership.objects.create(person=above, institution=academy, role=Role.EDITOR)
    Membership.objects.create(person=below, institution=branch, role=Role.EDITOR)
    assert queries.roles(above, branch.id) == {Role.EDITOR}
    assert queries.roles(below, branch.id) == {Role.EDITOR}
    assert queries.roles(below, academy.id) == set()


def test_an_administrator_is_no_editor(academy: Institution) -> None:
    person = Person.objects.create_user("admin@hub.example")
    Membership.objects.create(person=person, institution=academy, role=Role.ADMINISTRATOR)
    assert queries.may(person, Role.ADMINISTRATOR, academy.id)
    assert not queries.may(person, Role.EDITOR, academy.id)


def test_nobody_and_the_deactivated_hold_no_role(academy: Institution, editor: Person) -> None:
    assert queries.roles(AnonymousUser(), academy.id) == set()
    assert not queries.is_member(AnonymousUser())
    editor.is_active = False
    assert queries.roles(editor, academy.id) == set()
    assert not queries.is_member(editor)


def test_many_questions_about_one_person_take_one_query(
    academy: Institution, editor: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queries.institutions()
    with django_assert_num_queries(1):
        for role in Role:
            queries.may(editor, role, academy.id)


def test_institutions_are_read_in_two_queries_and_then_kept(
    academy: Institution, branch: Institution, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        queries.institutions()
    with django_assert_num_queries(0):
        queries.institutions()
        queries.institution("hub-astana")


def test_a_branch_stands_after_its_parent_whatever_its_id(
    academy: Institution, branch: Institution
) -> None:
    other = Institution.objects.create(id="aa", kind="academy", country="UZ", node="x.example")
    assert [view.id for view in queries.institutions()] == [other.id, academy.id, branch.id]
    assert [view.id for view in queries.own_institutions()] == [academy.id, branch.id]


def test_a_name_falls_back_to_english_then_to_any_then_to_the_id(academy: Institution) -> None:
    assert queries.institution("hub-astana").name("ru") == "Астанинский хаб"
    assert queries.institution("hub-astana").name("tk") == "Astana Civil Service Hub"
    InstitutionName.objects.filter(language="en").delete()
    queries.forget_institutions()
    assert queries.institution("hub-astana").name("tk") == "Астанинский хаб"
    assert queries.institution("somewhere-else").name("tk") == "somewhere-else"


def test_an_institution_only_a_peer_knows_is_named_but_not_known(academy: Institution) -> None:
    assert queries.institution("cn-new").known is False
    assert queries.find_institution("cn-new") is None
    assert queries.institution("hub-astana").known is True


def test_reading_languages_are_those_chosen_and_known(editor: Person) -> None:
    assert queries.reading_languages(editor) == []
    editor.languages = ["tk", "ru", "xx"]
    assert queries.reading_languages(editor) == ["tk", "ru"]
    assert queries.reading_languages(AnonymousUser()) == []


def test_others_institutions_are_edited_by_administrators_of_the_node_only(
    academy: Institution, branch: Institution
) -> None:
    Institution.objects.create(id="uz-apa", kind="academy", country="UZ", node="x.example")
    above = Person.objects.create_user("above@hub.example")
    below = Person.objects.create_user("below@hub.example")
    Membership.objects.create(person=above, institution=academy, role=Role.ADMINISTRATOR)
    Membership.objects.create(person=below, institution=branch, role=Role.ADMINISTRATOR)
    assert queries.may_edit_institution(above, "uz-apa")
    assert not queries.may_edit_institution(below, "uz-apa")
    assert queries.may_edit_institution(below, branch.id)
    assert [view.id for view in queries.administered_institutions(below)] == [branch.id]
