"""The words of a printed protocol, in any of the languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import by_tag
from chorsu.training.documents.fonts import unprintable
from chorsu.training.documents.protocol import Fact, ProtocolSheet, Signature
from chorsu.training.queries.cohorts import CohortView, EnrolmentState
from chorsu.training.queries.rosters import RosterLine
from chorsu.training.rules.recognition import all_forms
from chorsu.web.certificate_sheet import engine_language
from chorsu.web.locales import format_day, format_number

MEMBERS = 2
"""Lines for members of the commission where no teacher is named."""
NOTHING = "—"


def sheet_of(view: CohortView, lines: Sequence[RosterLine], tag: str) -> ProtocolSheet:
    """A protocol ready to be set in the language of this tag."""
    language, region = engine_language(tag)
    with override(by_tag(tag).django_code):
        heading = (
            _("Final protocol No. %(number)s") % {"number": view.protocol_number}
            if view.protocol_number
            else _("Final protocol")
        )
        return ProtocolSheet(
            language=language,
            region=region,
            title=f"{heading} · {view.line.name}",
            institution=institution(view.line.institution_id).name(tag),
            heading=heading,
            draft="" if view.finished_at else _("Draft: not in force"),
            facts=_facts(view, tag),
            head=_head(),
            rows=[_row(number, one, tag) for number, one in enumerate(lines, 1)],
            sums=_sums(lines, tag),
            signatures=_signatures(view),
            sign=pgettext("certificate", "Signature"),
            name=_("Full name"),
            seal=pgettext("certificate", "Seal"),
            date=_("Date"),
            page=_("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        )


@dataclass(frozen=True, slots=True)
class Unprintable:
    """Letters that no font has, each with its number, such as U+1F600, and the text they
    stand in; `row`: of the table, 0 where it is elsewhere.
    """

    row: int
    text: str
    letters: Sequence[tuple[str, str]]


def unprintable_in(sheet: ProtocolSheet) -> list[Unprintable]:
    """What keeps a protocol from being printed, in its order."""
    around = [
        sheet.title, sheet.institution, *(fact.text for fact in sheet.facts),
        *(signature.name for signature in sheet.signatures),
    ]  # fmt: skip
    texts = [(0, text) for text in dict.fromkeys(around)]
    for number, row in enumerate(sheet.rows, 1):
        texts += [(number, text) for text in row[1:]]
    bad = set(unprintable("".join(text for _number, text in texts)))
    found = []
    for number, text in texts:
        letters = [one for one in dict.fromkeys(text) if one in bad]
        if letters:
            found.append(Unprintable(number, text, [(one, f"U+{ord(one):04X}") for one in letters]))
    return found


def _facts(view: CohortView, tag: str) -> list[Fact]:
    line = view.line
    found = [
        Fact(_("Course"), line.course.title),
        Fact(_("Cohort"), line.name),
        Fact(
            _("Taught"),
            _("%(first)s to %(last)s")
            % {"first": format_day(line.starts_on, tag), "last": format_day(line.ends_on, tag)},
        ),
        Fact(_("Academic hours"), format_number(all_forms(view.hours), tag)),
    ]
    if view.rules:
        found.insert(1, Fact(_("Kind of training"), view.rules.name(tag)))
    if view.finished_at:
        found.append(Fact(_("Date"), format_day(view.finished_at, tag)))
    return found


def _head() -> list[str]:
    return [
        pgettext("protocol", "No."),
        _("Full name"),
        _("Employing body"),
        _("Academic hours"),
        _("Percent"),
        _("Result"),
        _("Number of the document"),
    ]


def _row(number: int, one: RosterLine, tag: str) -> list[str]:
    return [
        str(number),
        one.person.name or one.person.email,
        one.employer or NOTHING,
        NOTHING if one.earned is None else format_number(one.earned, tag),
        NOTHING if one.percent is None else format_number(one.percent, tag),
        str(EnrolmentState(one.state).label),
        one.result_document or NOTHING,
    ]


def _sums(lines: Sequence[RosterLine], tag: str) -> list[Fact]:
    named = (
        ("passed", pgettext("learners", "Passed")),
        ("failed", pgettext("learners", "Not passed")),
        ("admitted", pgettext("learners", "Learning")),
    )
    counted = [(label, sum(one.state == state for one in lines)) for state, label in named]
    return [Fact(label, format_number(count, tag)) for label, count in counted if count]


def _signatures(view: CohortView) -> list[Signature]:
    member = _("Member of the commission")
    return [
        Signature(_("Chair of the commission"), ""),
        *(Signature(member, one.name) for one in view.teachers),
        *(Signature(member, "") for _one in range(len(view.teachers), MEMBERS)),
        Signature(_("Secretary of the commission"), ""),
    ]
