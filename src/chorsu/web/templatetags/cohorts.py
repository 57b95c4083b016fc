"""Template filters of cohorts: what codes are called in the page's language."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.translation import ngettext

from chorsu.institutions import queries as institutions
from chorsu.training.queries.cohorts import FORM_LABELS, EnrolmentState, State
from chorsu.training.queries.rosters import AttendanceSource, AttendanceState
from chorsu.training.queries.transcripts import ReportedState
from chorsu.training.rules import programmes
from chorsu.web.labels import label
from chorsu.web.locales import format_number, language_name, page_language

register = template.Library()
TONES = {
    "planned": "off", "open": "wait", "running": "ok", "finished": "off", "cancelled": "trouble",
    "nominated": "wait", "waiting": "wait", "admitted": "ok", "passed": "ok", "failed": "trouble",
    "declined": "off", "left": "off", "attended": "wait",
}  # fmt: skip


@register.filter
def cohort_state(code: str) -> str:
    """What a state of a cohort is called."""
    return label(dict(State.choices), code)


@register.filter
def learner_state(code: str) -> str:
    """What a state of an enrolment is called."""
    return label(dict(EnrolmentState.choices), code)


@register.filter
def reported_state(code: str) -> str:
    """What a state of a result is called that another node reports."""
    return label(dict(ReportedState.choices), code)


@register.filter
def attendance_state(code: str) -> str:
    """What is said of somebody in a session; empty if nothing."""
    return label(dict(AttendanceState.choices), code) if code else ""


@register.filter
def attendance_source(code: str) -> str:
    """By what it was said."""
    return label(dict(AttendanceSource.choices), code) if code else ""


@register.filter
def tone(code: str) -> str:
    """The mark of a state: ok, wait, trouble or off."""
    return TONES.get(code, "off")


@register.filter
def teaching_form(code: str) -> str:
    """What a form of teaching is called."""
    return label(FORM_LABELS, code)


@register.filter
def programme_name(code: str) -> str:
    """What a kind of training is called."""
    found = programmes.programme(code, ())
    return found.name(page_language().tag) if found else code


@register.filter
def category_name(code: str) -> str:
    """What a category of positions is called."""
    return programmes.category_name(code, page_language().tag) if code else ""


@register.filter
def institution_name(institution_id: str) -> str:
    """The name of an institution."""
    return institutions.institution(institution_id).name(page_language().tag)


@register.filter
def language_list(tags: Sequence[str]) -> str:
    """Names of languages with commas between."""
    return ", ".join(language_name(tag, page_language().tag) for tag in tags)


@register.filter
def academic_hours(count: int) -> str:
    """`12 academic hours`."""
    shown = format_number(count, page_language().tag)
    text = ngettext("%(number)s academic hour", "%(number)s academic hours", count)
    return text % {"number": shown}


@register.filter
def of(mapping: dict[str, object], key: str) -> object:
    """A member of a mapping by its name."""
    return mapping.get(key, "")
