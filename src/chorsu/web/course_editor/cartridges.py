"""Courses of other learning systems: a cartridge handed in, looked at, and only then kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import TAGS
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions import cartridges as actions
from chorsu.training.errors.cartridges import NoSuchCartridge
from chorsu.training.formats.cartridges import Note, UnitFound
from chorsu.training.formats.questions import NotReadable
from chorsu.training.queries import cartridges as queries
from chorsu.web.access import signed_in
from chorsu.web.course_editor.cartridge_notes import note_sentence
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.labels import name_of
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import places_to_write
from chorsu.web.labels import label
from chorsu.web.locales import colon, language_name, page_language
from chorsu.web.markdown import to_html
from chorsu.web.question_bank.troubles import trouble_sentence

MAX_UPLOAD = 32 * 1024 * 1024


def _languages() -> list[tuple[str, str]]:
    here = page_language().tag
    return [(tag, language_name(tag, here)) for tag in TAGS]


class CartridgeForm(forms.Form):
    """A package, for which institution, and in which language it is written."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "Common Cartridge 1.0 to 1.3 (.imscc or .zip), up to 32 MB, as Canvas, Moodle, "
            "Blackboard and others export it."
        ),
    )
    institution = forms.ChoiceField(label=gettext_lazy("Institution"))
    language = forms.ChoiceField(
        choices=_languages,
        label=gettext_lazy("Language it is written in"),
        help_text=gettext_lazy(
            "This becomes the original; translations are made from it. It cannot be changed later."
        ),
    )

    def __init__(self, request: HttpRequest) -> None:
        here = page_language().tag
        super().__init__(request.POST or None, request.FILES or None, initial={"language": here})
        places = [(one.id, one.name(here)) for one in places_to_write(signed_in(request))]
        self.fields["institution"] = forms.ChoiceField(
            label=gettext_lazy("Institution"), choices=places
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A unit as it would be; `body` is how it begins, in plain words."""

    title: str
    kind: str | Promise
    facts: Sequence[str]
    body: str


@dataclass(frozen=True, slots=True)
class Part:
    """A module as it would be."""

    title: str
    rows: Sequence[Row]


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def index(request: HttpRequest) -> HttpResponse:
    """A form for a package, and those that wait to be looked at."""
    person = signed_in(request)
    form = CartridgeForm(request)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.size > MAX_UPLOAD:
                raise NotReadable("file_size", size=upload.size)
            made = actions.hand_in(
                institution_id=form.cleaned_data["institution"],
                language=form.cleaned_data["language"],
                name=upload.name,
                content=upload.read(),
                by=person,
                now=utc_now(),
            )
        except NotReadable as error:
            form.add_error("file", trouble_sentence(error.at("")))
        else:
            return redirect("cartridge", import_id=made)
    context = {
        "form": form,
        "may_write": bool(places_to_write(person)),
        "waiting": queries.cartridges(person),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "course_editor/cartridges.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def look(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What would be made of a package, and what not and why; begin the course or put it aside."""
    person = signed_in(request)
    refused = ""
    try:
        if request.method == "POST" and request.POST.get("do") == "discard":
            actions.discard(import_id=import_id, by=person)
            messages.success(request, _("The file was put aside; no course was begun."))
            return redirect("cartridges")
        if request.method == "POST":
            try:
                draft = actions.keep(import_id=import_id, by=person, now=utc_now())
            except InvalidRecord as invalid:
                refused = _refusal(invalid.errors)
            except NotReadable as error:
                refused = trouble_sentence(error.at(""))
            else:
                messages.success(request, _("The course was begun. Nobody but you reads it yet."))
                return redirect("course-draft-edit", draft_id=draft.id)
        view = queries.cartridge(import_id, person)
    except NoSuchCartridge:
        raise Http404 from None
    here = page_language().tag
    course = view.course
    context = {
        "view": view,
        "institution": institution(view.institution_id).name(here),
        "parts": [Part(one.title, [_row(unit) for unit in one.units]) for one in course.modules],
        "units": sum(len(one.units) for one in course.modules),
        "left": _sentences([note for note in course.notes if not note.taken]),
        "changed": _sentences([note for note in course.notes if note.taken]),
        "refused": refused,
    }
    return render(request, "course_editor/cartridge.html", context, status=422 if refused else 200)


def _refusal(errors: Sequence[FieldError]) -> str:
    """Why no course was begun: what is wrong with which field of it."""
    tag = page_language().tag
    said = [
        f"{name_of('files' if one.field == 'file' else one.field)}{colon(tag)}{message(one)}"
        for one in errors
    ]
    return ("" if tag == "zh-Hans" else " ").join(said)


def _sentences(notes: Sequence[Note]) -> list[tuple[str, SafeString]]:
    return [(note.place, note_sentence(note)) for note in notes]


def _row(unit: UnitFound) -> Row:
    facts = []
    if unit.tool:
        facts.append(unit.tool)
    if unit.kind == "quiz":
        facts.append(_("Questions: %(number)s") % {"number": unit.questions})
    if unit.minutes:
        facts.append(_("Minutes: %(number)s") % {"number": unit.minutes})
    if unit.attempts:
        facts.append(_("Attempts: %(number)s") % {"number": unit.attempts})
    if unit.points:
        facts.append(_("Points: %(points)s") % {"points": unit.points})
    words = " ".join(unescape(strip_tags(to_html(unit.body[:2000], figures={}))).split())
    return Row(unit.title, label(UNIT_KINDS, unit.kind), facts, words)
