"""What may be written about cohorts and sessions: pure checks, with messages for a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.training.rules.fields import FORMS

NAME_MAX = 200
PLACE_MAX = 200
DOCUMENT_MAX = 60
GROUP_MAX = 40
SUBJECT_MAX = 200
MESSAGE_MAX = 10_000
MOST_CAPACITY = 20_000
LONGEST = timedelta(days=3 * 366)
LONGEST_SESSION = timedelta(hours=14)
ACADEMIC_HOUR = timedelta(minutes=45)
# Where a cohort may go from where it is.
MOVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "planned": ("open", "cancelled"),
        "open": ("running", "cancelled"),
        "running": ("finished", "cancelled"),
        "finished": (),
        "cancelled": (),
    }
)
_check_url = URLValidator(schemes=["http", "https"])
TOO_LONG = _("Too long: %(given)d characters; %(longest)d fit.")


@dataclass(frozen=True, slots=True)
class CohortFields:
    """What may be edited of a cohort. `capacity` 0: without limit."""

    name: str
    programme: str
    languages: tuple[str, ...]
    starts_on: date
    ends_on: date
    capacity: int
    place: str
    link: str


@dataclass(frozen=True, slots=True)
class SessionFields:
    """What may be edited of a session; times are aware. `group` empty: for everybody.

    `unit`: key of the live unit of the course that it is of; empty: of none.
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    form: str
    place: str
    link: str
    group: str
    unit: str = ""


def clean_cohort(fields: CohortFields, programmes: Collection[str]) -> CohortFields:
    """The fields as they are stored; ValidationError by field name."""
    errors: dict[str, ValidationError] = {}
    name = _line(fields.name, "name", NAME_MAX, errors, needed=True)
    place = _line(fields.place, "place", PLACE_MAX, errors)
    if fields.programme not in programmes:
        errors["programme"] = ValidationError(_("Choose a kind of training."))
    if not fields.languages or not set(fields.languages) <= set(TAGS):
        errors["languages"] = ValidationError(_("Choose at least one language."))
    if fields.ends_on < fields.starts_on:
        errors["ends_on"] = ValidationError(_("The last day is before the first day."))
    elif fields.ends_on - fields.starts_on > LONGEST:
        errors["ends_on"] = ValidationError(_("A cohort lasts three years at most."))
    if not 0 <= fields.capacity <= MOST_CAPACITY:
        errors["capacity"] = ValidationError(
            _("Enter a number from 0 to %(most)d."), params={"most": MOST_CAPACITY}
        )
    link = _url(fields.link, errors)
    if errors:
        raise ValidationError(errors)
    languages = tuple(tag for tag in TAGS if tag in fields.languages)
    return replace(fields, name=name, place=place, link=link, languages=languages)


def clean_session(
    fields: SessionFields, starts_on: date, ends_on: date, live_units: Collection[str] = ()
) -> SessionFields:
    """The fields as they are stored; ValidationError by field name.

    `starts_on` and `ends_on` are the cohort's days, in the time zone of the session's times;
    `live_units` are the keys of the course's live units.
    """
    errors: dict[str, ValidationError] = {}
    title = _line(fields.title, "title", NAME_MAX, errors, needed=True)
    place = _line(fields.place, "place", PLACE_MAX, errors)
    group = _line(fields.group, "group", GROUP_MAX, errors)
    if fields.form not in FORMS:
        errors["form"] = ValidationError(_("Choose a form of teaching."))
    if fields.ends_at <= fields.starts_at:
        errors["ends_at"] = ValidationError(_("The end is not after the beginning."))
    elif fields.ends_at - fields.starts_at > LONGEST_SESSION:
        errors["ends_at"] = ValidationError(_("A session lasts 14 hours at most."))
    if fields.unit and fields.unit not in live_units:
        errors["unit"] = ValidationError(_("Choose a unit of the course."))
    if not starts_on <= fields.starts_at.date() <= ends_on:
        errors["starts_at"] = ValidationError(_("This is outside the days of the cohort."))
    link = _url(fields.link, errors)
    if errors:
        raise ValidationError(errors)
    return replace(fields, title=title, place=place, link=link, group=group)


def academic_hours(starts_at: datetime, ends_at: datetime) -> int:
    """Academic hours of 45 minutes, to the nearest whole one, one at least."""
    return max(1, round((ends_at - starts_at) / ACADEMIC_HOUR))


def clean_line(text: str, field: str, longest: int, *, needed: bool = False) -> str:
    """A text on one line; ValidationError under `field`."""
    errors: dict[str, ValidationError] = {}
    clean = _line(text, field, longest, errors, needed=needed)
    if errors:
        raise ValidationError(errors)
    return clean


def clean_message(subject: str, text: str) -> tuple[str, str]:
    """Subject and text of a message; ValidationError under `subject` or `text`."""
    errors: dict[str, ValidationError] = {}
    line = _line(subject, "subject", SUBJECT_MAX, errors, needed=True)
    body = normalise(text)
    if not body:
        errors["text"] = ValidationError(_NEEDED)
    elif len(body) > MESSAGE_MAX:
        errors["text"] = _too_long(len(body), MESSAGE_MAX)
    if errors:
        raise ValidationError(errors)
    return line, body


_NEEDED = _("Fill this in.")


def _line(
    text: str,
    field: str,
    longest: int,
    errors: dict[str, ValidationError],
    *,
    needed: bool = False,
) -> str:
    clean = " ".join(normalise(text).split())
    if len(clean) > longest:
        errors[field] = _too_long(len(clean), longest)
    elif needed and not clean:
        errors[field] = ValidationError(_NEEDED)
    return clean


def _too_long(given: int, longest: int) -> ValidationError:
    return ValidationError(TOO_LONG, params={"given": given, "longest": longest})


def _url(text: str, errors: dict[str, ValidationError]) -> str:
    link = text.strip()
    try:
        if link:
            _check_url(link)
    except ValidationError:
        errors["link"] = ValidationError(_("Give an address that starts with https://."))
    return link
