"""The list of a bank: questions by competence, in which languages each can be asked; and a file
of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from tempfile import TemporaryFile
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from chorsu.exchange import blobs
from chorsu.kernel.languages import TAGS
from chorsu.training.formats.questions import VERSIONS, write_package
from chorsu.training.queries import bank, shared_banks
from chorsu.training.queries.sharing import is_published
from chorsu.training.shapes.bank import BankLine, BankPlace
from chorsu.web.access import signed_in
from chorsu.web.course_labels import competence_name
from chorsu.web.drafting.people import may_publish
from chorsu.web.question_bank.guards import for_writers
from chorsu.web.question_bank.labels import STATES, TYPES
from chorsu.web.question_bank.troubles import trouble_text
from chorsu.web.sending import whole_file


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with the words for its codes."""

    line: BankLine
    type: str | Promise
    languages: Sequence[tuple[str, str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of a competence."""

    name: str
    rows: Sequence[Shown]


@require_safe
@for_writers
def index(request: HttpRequest, place: BankPlace) -> HttpResponse:
    """The bank, by competence; the retired ones apart."""
    lines = bank.lines(place.course_id)
    asked = [line for line in lines if not line.retired]
    context = {
        "place": place,
        "groups": [
            Group(competence_name(code) if code else "", [_shown(line) for line in group])
            for code, group in groupby(asked, key=lambda line: line.competence)
        ],
        "retired": [_shown(line) for line in lines if line.retired],
        "count": len(asked),
        "types": TYPES.items(),
        "tags": TAGS,
        "waiting": bank.imports(place.course_id),
        "behind": shared_banks.behind(UUID(place.course_id)),
        "may_share": may_publish(signed_in(request), place.institution_id)
        and is_published(place.course_id),
    }
    return render(request, "questions/index.html", context)


@require_safe
@for_writers
def export(request: HttpRequest, place: BankPlace, version: str) -> HttpResponseBase:
    """All questions that may be drawn as a QTI package; a text in it says what QTI can't. It is
    written to the disk, however many pictures there are, and sent from there.
    """
    with ExitStack() as until_sent:
        package = until_sent.enter_context(TemporaryFile())
        write_package(
            package,
            (
                (f"q-{item.id}", item.facts, {tag: text.words for tag, text in item.texts.items()})
                for item in bank.each_current_item(place.course_id)
            ),
            VERSIONS[version],
            blobs.open_blob,
            say=trouble_text,
        )
        until_sent.pop_all()
    name = f"questions-qti-{version}.zip"
    return whole_file(request, package, name=name, content_type="application/zip")


def _shown(line: BankLine) -> Shown:
    return Shown(
        line,
        TYPES[line.type],
        [(one.language, one.state, STATES[one.state]) for one in line.languages],
    )
