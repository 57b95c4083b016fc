"""What a person is told when the rules refuse: a sentence for each code, with its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chorsu.training.actions.nomination_files import MAX_NOMINATION_FILES
from chorsu.training.actions.private_files import MAX_FILE
from chorsu.training.queries.cohorts import State
from chorsu.training.rules.eligibility import Refusal
from chorsu.training.rules.programmes import Programme, category_name
from chorsu.training.rules.rosters import COLUMNS, RowError
from chorsu.web.labels import label
from chorsu.web.locales import colon, format_day, page_language

Params = Mapping[str, str | int | date]


def refusal(one: Refusal, rules: Programme | None, courses: Mapping[str, str] | None = None) -> str:
    """Why not, in the page's language, with the kind of training whose rule it is before it.

    `courses` maps ids to titles, for prerequisites.
    """
    said = _sentence(one.code, one.params, courses or {})
    if rules is None or one.code in ("twice", "not_taking"):
        return said
    return rules.name(page_language().tag) + colon(page_language().tag) + said


def row_error(error: RowError, rules: Programme | None, courses: Mapping[str, str]) -> str:
    """What is wrong in a row of a spreadsheet, with the name of its column before it."""
    write = _ROWS.get(error.code)
    if write is None:
        return refusal(Refusal(error.code, error.params), rules, courses)
    said = write(error.params)
    return str(COLUMNS[error.column]) + colon(page_language().tag) + said if error.column else said


def documents_hint() -> str:
    """What may be laid beside a nomination."""
    return _(
        "The order, a diploma, a letter: PDF, office documents, pictures, plain text or tables "
        "(CSV). At most %(files)s files, each of %(mb)s MB at most. Names that programs write into "
        "them are taken out."
    ) % {"files": MAX_NOMINATION_FILES, "mb": MAX_FILE // 1024**2}


def _sentence(code: str, params: Params, courses: Mapping[str, str]) -> str:
    if code == "prerequisite":
        needed = str(params["course"])
        return _("The course “%(course)s” has to be passed first.") % {
            "course": courses.get(needed, needed)
        }
    return _REFUSALS[code](params)


def _day(params: Params) -> str:
    day = params["day"]
    return format_day(day, page_language().tag) if isinstance(day, date) else str(day)


def _counted(one: str, many: str, params: Params, name: str, **more: object) -> str:
    count = int(str(params[name]))
    return ngettext(one, many, count) % {**params, **more, "count": count}


_REFUSALS: Mapping[str, Callable[[Params], str]] = MappingProxyType(
    {
        "not_open_yet": lambda p: (
            _("Nominations are taken from %(day)s on, %(days)s days before the start.")
            % {"day": _day(p), "days": p["days"]}
        ),
        "closed": lambda p: (
            ngettext(
                "Nominations closed on %(day)s, %(count)s day before the start.",
                "Nominations closed on %(day)s, %(count)s days before the start.",
                int(str(p["days"])),
            )
            % {"day": _day(p), "count": p["days"]}
        ),
        "not_taking": lambda p: (
            _("No nominations are taken now. State of the cohort: %(state)s.")
            % {"state": label(dict(State.choices), str(p["state"]))}
        ),
        "too_few_hours": lambda p: (
            _("At least %(min)s academic hours are needed; the course has %(hours)s.") % p
        ),
        "too_many_hours": lambda p: (
            _("At most %(max)s academic hours are allowed; the course has %(hours)s.") % p
        ),
        "category": lambda p: (
            _("It is not for this category of positions: %(category)s.")
            % {"category": category_name(str(p["category"]), page_language().tag)}
        ),
        "appointment_missing": lambda p: (
            _("Give the day of appointment: the cohort must start within %(months)s months of it.")
            % p
        ),
        "appointed_too_long_ago": lambda p: (
            _(
                "The cohort must start within %(months)s months of the appointment, "
                "that is by %(day)s."
            )
            % {"months": p["months"], "day": _day(p)}
        ),
        "again_too_soon": lambda p: (
            _("The same course may be taken again after %(months)s months, from %(day)s on.")
            % {"months": p["months"], "day": _day(p)}
        ),
        "twice": lambda _p: _("This person is in this cohort already."),
    }
)
_ROWS: Mapping[str, Callable[[Params], str]] = MappingProxyType(
    {
        "row_twice": lambda p: _("The same person is in row %(line)s.") % p,
        "unknown_category": lambda p: _("There is no such category: %(value)s") % p,
        "not_a_day": lambda _p: _("Write the day as 2026-11-24 or 24.11.2026."),
        "unknown_language": lambda _p: _("There is no such language."),
        "unknown_employer": lambda _p: _("There is no such body for which you may nominate."),
        "unknown_role": lambda p: _("A list gives no such role: %(value)s") % p,
        "a_guest": lambda _p: _("This is a guest: roles are given by their own academy."),
        "deactivated": lambda _p: _("This person is deactivated. Activate them in the list first."),
        "not_in_session": lambda p: _("This person is not expected here: %(value)s") % p,
        "unknown_state": lambda _p: _("Write “present”, “excused” or “absent”."),
    }
)


def table_trouble(code: str) -> str:
    """Why a spreadsheet cannot be read."""
    return {
        "empty": _("The file has no content."),
        "too_large": _("The file is too large. Split it."),
        "too_many_rows": _("The file has more than 1,000 rows. Split it."),
        "encoding": _("The letters of this file cannot be read. Save it as XLSX or as CSV UTF-8."),
        "not_a_table": _("This is neither a CSV nor an XLSX file."),
    }[code]


def missing_columns(codes: tuple[str, ...]) -> str:
    """Which columns the head of a spreadsheet lacks."""
    names = ", ".join(str(COLUMNS[code]) for code in codes)
    return _("The first row must name these columns: %(names)s") % {"names": names}
