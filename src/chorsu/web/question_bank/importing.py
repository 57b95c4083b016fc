"""Files of questions: read, looked at, and only then kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import TAGS
from chorsu.training.actions import bank as actions
from chorsu.training.formats.questions import Found, NotReadable
from chorsu.training.items import InvalidItem, undescribed
from chorsu.training.queries import bank
from chorsu.training.rules.framework import framework
from chorsu.training.shapes.bank import BankPlace
from chorsu.web.access import signed_in
from chorsu.web.course_labels import competence_name
from chorsu.web.locales import language_name, page_language
from chorsu.web.markdown import to_html
from chorsu.web.question_bank.foreseen import answers_of
from chorsu.web.question_bank.guards import for_writers
from chorsu.web.question_bank.labels import TYPES, error_sentence
from chorsu.web.question_bank.troubles import trouble_sentence
from chorsu.web.question_pictures import figures_in

MAX_UPLOAD = 32 * 1024 * 1024


def language_choices() -> list[tuple[str, str]]:
    """The working languages, in the page's."""
    here = page_language().tag
    return [(tag, language_name(tag, here)) for tag in TAGS]


def competence_choices() -> list[tuple[str, str | Promise]]:
    """The network's competences, after none."""
    known = [(code, competence_name(code)) for code in framework().competences]
    return [("", gettext_lazy("None")), *known]


class FileForm(forms.Form):
    """A file, and what its questions may not say themselves."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "QTI 3.0 or 2.2 (an item or a package), Common Cartridge, Moodle XML, or GIFT in UTF-8."
        ),
    )
    language = forms.ChoiceField(
        choices=language_choices,
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Of questions that do not say theirs."),
    )
    competence = forms.ChoiceField(
        choices=competence_choices,
        label=gettext_lazy("Competence"),
        help_text=gettext_lazy("Of questions that name none."),
        required=False,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A question of a file as it is looked at; `undescribed`: a picture in it lacks words."""

    number: int
    place: str
    type: str | Promise
    points: str
    stem: SafeString
    language: str
    answers: Sequence[tuple[SafeString, bool]]
    languages: Sequence[str]
    undescribed: bool


@for_writers
def index(request: HttpRequest, place: BankPlace) -> HttpResponse:
    """A form for a file, and the files that wait to be looked at."""
    form = FileForm(
        request.POST or None, request.FILES or None, initial={"language": place.language}
    )
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.size > MAX_UPLOAD:
                raise NotReadable("file_size", size=upload.size)
            made = actions.read_file(
                course_id=place.course_id,
                name=upload.name,
                content=upload.read(),
                language=form.cleaned_data["language"],
                competence=form.cleaned_data["competence"],
                by=signed_in(request),
                now=utc_now(),
            )
        except NotReadable as error:
            form.add_error("file", trouble_sentence(error.at("")))
        else:
            return redirect("questions-import-look", place.course_id, made.id)
    context = {"place": place, "form": form, "waiting": bank.imports(place.course_id)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "questions/import.html", context, status=status)


@for_writers
def look(request: HttpRequest, place: BankPlace, import_id: UUID) -> HttpResponse:
    """What a file gave, question by question, and what could not be read; keep or discard."""
    view = bank.question_import(place.course_id, str(import_id))
    errors: list[tuple[str, str]] = []
    if request.method == "POST" and request.POST.get("do") == "discard":
        actions.discard_import(course_id=place.course_id, import_id=view.id, by=signed_in(request))
        messages.success(request, _("The file was put aside; nothing was taken into the bank."))
        return redirect("questions-import", place.course_id)
    if request.method == "POST":
        try:
            count = actions.keep_import(
                course_id=place.course_id,
                import_id=view.id,
                places=_numbers(request.POST.getlist("keep")),
                by=signed_in(request),
                now=utc_now(),
            )
        except InvalidItem as invalid:
            errors = [
                (_place_of(error.field, view.found), error_sentence(error.code, error.params))
                for error in invalid.errors
            ]
        else:
            said = ngettext(
                "%(count)d question was taken into the bank.",
                "%(count)d questions were taken into the bank.",
                count,
            )
            messages.success(request, said % {"count": count})
            return redirect("questions", place.course_id)
    context = {
        "place": place,
        "view": view,
        "rows": [_row(number, one, signed_in(request).pk) for number, one in enumerate(view.found)],
        "troubles": [(one.place, trouble_sentence(one)) for one in view.troubles],
        "errors": errors,
        "competence": competence_name(view.competence) if view.competence else "",
    }
    return render(request, "questions/look.html", context, status=422 if errors else 200)


def _numbers(given: Sequence[str]) -> list[int]:
    return [int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 6]


def _place_of(field: str, found: Sequence[Found]) -> str:
    number = field.partition(".")[0]
    return found[int(number)].place if number.isdecimal() else ""


def _row(number: int, one: Found, reader_id: int) -> Row:
    language, words = next(iter(one.texts.items()))
    figures = figures_in(one.facts, words, reader_id)
    return Row(
        number=number,
        place=one.place,
        type=TYPES[one.facts["type"]],
        points=one.facts["points"],
        stem=to_html(words.get("stem", ""), figures=figures),
        language=language,
        answers=answers_of(one.facts, words, figures),
        languages=list(one.texts),
        undescribed=any(undescribed(one.facts, dict(each)) for each in one.texts.values()),
    )
