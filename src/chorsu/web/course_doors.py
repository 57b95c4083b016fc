"""Doors beside a published course for those who may: teach it, change it, translate it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import is_member, may, node_institution_id
from chorsu.institutions.writing import may_edit, may_translate
from chorsu.training.queries import courses as queries
from chorsu.training.queries.cohorts import places_to_teach
from chorsu.training.rules.outline import placed
from chorsu.training.shapes.courses import CourseView
from chorsu.web.cards import Link
from chorsu.web.drafting.people import may_publish, places_to_write


def course_doors(person: Person | AnonymousUser, view: CourseView) -> list[Link]:
    """What this person may do with the course: the pages that lead there."""
    found = [
        Link(_("Change log"), reverse("course-history", args=[view.id])),
        Link(_("Save with proof"), reverse("course-save", args=[view.id])),
    ]
    if not isinstance(person, Person) or not is_member(person):
        return found
    if view.is_own and may_edit(person, view.institution_id):
        found.append(Link(_("Revise"), reverse("course-revise", args=[view.id])))
        if any(one.kind == "survey" for one in placed(view.facts)):
            found.append(Link(_("Surveys"), reverse("course-surveys", args=[view.id])))
    if places_to_teach(person):
        found.append(Link(_("Plan a cohort"), f"{reverse('cohort-new')}?course={view.id}"))
    if places_to_write(person):
        own = _("Make a course of your own from this one")
        found.append(Link(own, reverse("course-fork", args=[view.id])))
    if may_translate(person):
        found.append(Link(_("Translate"), reverse("course-translations", args=[view.id])))
    if view.is_own and may_publish(person, view.institution_id):
        found.append(Link(_("Withdraw"), reverse("course-withdraw", args=[view.id])))
    if erase := erase_url(person, view.id):
        found.append(Link(_("Erase content"), erase))
    return found


def erase_url(person: Person | AnonymousUser, course_id: str) -> str:
    """The page on which content of an own course is erased; empty for who may not."""
    if not isinstance(person, Person) or not may(person, Role.ADMINISTRATOR, node_institution_id()):
        return ""
    if queries.origin_of(UUID(course_id)) != settings.NODE_NAME:
        return ""
    return reverse("course-erase", args=[course_id])


def teach_url(person: Person | AnonymousUser, practice_id: str) -> str:
    """The page on which a course is begun from a practice; empty for who writes nowhere."""
    if not isinstance(person, Person) or not is_member(person) or not places_to_write(person):
        return ""
    return reverse("practice-teach", args=[practice_id])
