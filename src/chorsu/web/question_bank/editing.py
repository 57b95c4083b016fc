"""Writing a question: its facts and original, and beside it the words of another language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import TAGS
from chorsu.records.fields import FieldError
from chorsu.training.actions import bank as actions
from chorsu.training.actions.pictures import add_picture
from chorsu.training.errors.bank import QuestionConflict
from chorsu.training.formats.questions import NotReadable
from chorsu.training.formats.questions.markup import escaped
from chorsu.training.formats.questions.pictures import MAX_RAW_BYTES
from chorsu.training.items import (
    ITEM_TYPES,
    MARKED_KINDS,
    InvalidItem,
    Item,
    ShownItem,
    shown,
    word_fields,
)
from chorsu.training.items.pictures import shown_in
from chorsu.training.queries import bank
from chorsu.training.queries.pictures import in_bank
from chorsu.training.shapes.bank import BankPlace, NewText
from chorsu.web.access import signed_in
from chorsu.web.markdown import Figure, inline_html, to_html
from chorsu.web.question_bank import forms
from chorsu.web.question_bank.forms import Typed
from chorsu.web.question_bank.guards import for_writers
from chorsu.web.question_bank.importing import competence_choices
from chorsu.web.question_bank.labels import (
    DIFFICULTIES,
    GAP_KINDS,
    ROW_WORDS,
    SCORINGS,
    STATES,
    TYPES,
    UNIT_RULES,
    WORDS,
    error_sentence,
)
from chorsu.web.question_bank.troubles import trouble_sentence
from chorsu.web.question_pictures import figures_of, picture_url

_IN_TRANSLATION = "t-"
_GAP = r"\_\_\_\_"
"""A gap in the preview, in Markdown."""


@dataclass(frozen=True, slots=True)
class Side:
    """A word of the original and what stands for it in the other language."""

    name: str
    label: str | Promise
    source: str
    text: str
    lines: bool
    error: str


@for_writers
def new(request: HttpRequest, place: BankPlace, item_type: str) -> HttpResponse:
    """A question of a type, not there until it is saved."""
    if item_type not in ITEM_TYPES:
        raise Http404
    if request.method != "POST":
        return _page(request, place, None, item_type, forms.begun(item_type), {})
    if request.POST.get("do") == "picture":
        return _add_picture(request, place, None, item_type)
    return _save(request, place, None, item_type)


@for_writers
def edit(request: HttpRequest, place: BankPlace, item: UUID) -> HttpResponse:
    """A question; `?beside=kk` shows a language beside the original."""
    view = bank.question(place.course_id, str(item))
    item_type = view.item.facts["type"]
    if request.method == "POST" and request.POST.get("do") == "picture":
        return _add_picture(request, place, view.item, item_type, retired=view.retired)
    if request.method == "POST":
        return _save(request, place, view.item, item_type)
    original = view.item.texts[view.item.original_language].words
    typed = forms.typed_of(view.item.facts, original)
    return _page(request, place, view.item, item_type, typed, {}, retired=view.retired)


@require_POST
@for_writers
def retire(request: HttpRequest, place: BankPlace, item: UUID) -> HttpResponse:
    """Retire a question or take it back."""
    retired = request.POST.get("do") != "take-back"
    try:
        actions.set_retired(
            course_id=place.course_id, item=str(item), retired=retired, by=signed_in(request),
            now=utc_now(),
        )  # fmt: skip
    except InvalidItem:
        messages.error(request, _("The question cannot be asked as it is. Save it first."))
        return redirect("question-edit", place.course_id, item)
    said = _("The question is drawn no more.") if retired else _("The question is drawn again.")
    messages.success(request, said)
    return redirect("questions", place.course_id)


def _save(
    request: HttpRequest, place: BankPlace, item: Item | None, item_type: str
) -> HttpResponse:
    typed = forms.read(request.POST, item_type)
    original = item.original_language if item else place.language
    texts = {original: NewText(typed.words)}
    beside = _beside(request, original) if item else ""
    if beside:
        texts[beside] = NewText(
            _translated(request),
            request.POST.get("provenance", ""),
            request.POST.get("confirmed") == "yes",
        )
    version = request.POST.get("version", "")
    try:
        saved = actions.save_question(
            course_id=place.course_id,
            item=item.id if item else None,
            version=int(version) if version.isdecimal() and len(version) < 9 else 0,
            original_language=original,
            facts=typed.facts,
            texts=texts,
            by=signed_in(request),
            now=utc_now(),
        )
    except InvalidItem as invalid:
        errors = _by_name(invalid.errors, original)
        return _page(request, place, item, item_type, typed, errors, status=422)
    except QuestionConflict as conflict:
        messages.error(
            request,
            _("Somebody else saved this question in between. Compare yours, then save it."),
        )
        return _page(request, place, conflict.current, item_type, typed, {}, status=409)
    messages.success(request, _("The question is saved."))
    query = f"?beside={beside}" if beside else ""
    return redirect(reverse("question-edit", args=[place.course_id, saved.id]) + query)


def _add_picture(
    request: HttpRequest,
    place: BankPlace,
    item: Item | None,
    item_type: str,
    *,
    retired: bool = False,
) -> HttpResponse:
    """Take a picture in and show it at the end of the question as it is being written; nothing
    that was typed is saved or lost.
    """
    typed = forms.read(request.POST, item_type)
    said = " ".join(request.POST.get("picture_words", "").split())
    upload = request.FILES.get("picture")
    errors: dict[str, str] = {}
    line = ""
    if upload is None:
        errors["picture"] = _("Choose a picture.")
    elif not said:
        errors["picture_words"] = _("Say what it shows, for those who cannot see it.")
    elif (upload.size or 0) > MAX_RAW_BYTES:
        errors["picture"] = _("The file is larger than %(max)s MB.") % {
            "max": MAX_RAW_BYTES // 2**20
        }
    else:
        try:
            picture = add_picture(
                course_id=place.course_id, content=upload.read(), name=upload.name or "",
                by=signed_in(request), now=utc_now(),
            )  # fmt: skip
        except NotReadable as refused:
            errors["picture"] = trouble_sentence(refused.at(""))
        else:
            line = f"![{escaped(said)}]({picture['name']})"
    if line and not _beside(request, item.original_language if item else place.language):
        typed.words["stem"] = f"{typed.words['stem']}\n\n{line}".strip()
    status = 422 if errors else 200
    return _page(
        request, place, item, item_type, typed, errors, status=status, retired=retired, added=line
    )


def _beside(request: HttpRequest, original: str) -> str:
    tag = request.POST.get("beside") or request.GET.get("beside") or ""
    return tag if tag in TAGS and tag != original else ""


def _translated(request: HttpRequest) -> dict[str, object]:
    start = len(_IN_TRANSLATION)
    return {
        name[start:]: value
        for name, value in request.POST.items()
        if name.startswith(_IN_TRANSLATION)
    }


def _by_name(errors: Sequence[FieldError], original: str) -> dict[str, str]:
    """Sentences by path of facts, name of a word of the original, or `<language>.<name>`."""
    return {
        error.field.removeprefix(f"{original}."): error_sentence(error.code, error.params)
        for error in errors
    }


def _page(
    request: HttpRequest,
    place: BankPlace,
    item: Item | None,
    item_type: str,
    typed: Typed,
    errors: Mapping[str, str],
    *,
    status: int = 200,
    retired: bool = False,
    added: str = "",
) -> HttpResponse:
    original = item.original_language if item else place.language
    beside = _beside(request, original) if item else ""
    fields = forms.groups(typed, errors)
    preview = shown(item, beside or original, seed=item.id) if item else None
    sides = _sides(request, item, beside, errors, added) if item and beside else []
    figures = figures_of(item, signed_in(request).pk) if item else {}
    context = {
        "place": place,
        "item": item,
        "retired": retired,
        "type": item_type,
        "type_name": TYPES[item_type],
        "typed": typed,
        "original": original,
        "fields": fields,
        "rubric": forms.rubric(typed, errors) if item_type in MARKED_KINDS else None,
        "words": [
            (name, label, typed.words.get(name, ""), errors.get(name, ""), name != "title")
            for name, label in WORDS.items()
        ],
        "competences": competence_choices(),
        "difficulties": DIFFICULTIES.items(),
        "scorings": SCORINGS.items(),
        "unit_rules": UNIT_RULES.items(),
        "gap_kinds": GAP_KINDS.items(),
        "errors": errors,
        "beside": beside,
        "states": _states(item),
        "sides": sides,
        "translation": item.texts.get(beside) if item else None,
        "stale": bool(item and beside and bank.language_state(item, beside).state == "stale"),
        "preview": preview,
        "preview_stem": _preview_stem(preview, figures),
        "preview_options": [
            [inline_html(one.text, figures) for one in (*field.options, *field.targets)]
            for field in (preview.fields if preview else ())
        ],
        "pictures": _pictures(
            request, place, item, [*typed.words.values(), *(side.text for side in sides)]
        ),
        "added": added,
        "picture_words": "" if added else request.POST.get("picture_words", ""),
    }
    return render(request, "questions/edit.html", context, status=status)


def _preview_stem(preview: ShownItem | None, figures: Mapping[str, Figure]) -> SafeString:
    if preview is None:
        return SafeString("")
    return to_html(_GAP.join(text for text, _ in preview.parts), figures=figures)


def _pictures(
    request: HttpRequest, place: BankPlace, item: Item | None, texts: Sequence[str]
) -> list[tuple[str, str]]:
    """(name, address) of the pictures of the bank that these texts show, or the question did."""
    named = {name for text in texts for name, _said in shown_in(text)}
    had = {one["name"]: one for one in item.facts.get("pictures", [])} if item else {}
    if not named:
        return []
    known = {**had, **in_bank(place.course_id)}
    reader = signed_in(request).pk
    return [
        (name, picture_url(known[name]["sha256"], reader)) for name in sorted(named & known.keys())
    ]


def _states(item: Item | None) -> list[tuple[str, str, str | Promise]]:
    if item is None:
        return []
    states = [bank.language_state(item, tag) for tag in TAGS if tag != item.original_language]
    return [(one.language, one.state, STATES[one.state]) for one in states]


def _sides(
    request: HttpRequest, item: Item, beside: str, errors: Mapping[str, str], added: str
) -> list[Side]:
    source = item.texts[item.original_language].words
    there = item.texts.get(beside)
    found = []
    for name, one in word_fields(item.facts):
        if name not in source and not name.endswith(".spellings"):
            continue
        text = there.words.get(name, "") if there else ""
        if request.method == "POST":
            text = request.POST.get(_IN_TRANSLATION + name, text)
        if name == "stem" and added:
            text = f"{text}\n\n{added}".strip()
        found.append(
            Side(
                name=name,
                label=_label(name),
                source=source.get(name, ""),
                text=text,
                lines=one.lines,
                error=errors.get(f"{beside}.{name}", ""),
            )
        )
    return found


def _label(name: str) -> str | Promise:
    if name in WORDS:
        return WORDS[name]
    parts = name.split(".")
    return ROW_WORDS[f"{parts[0]}.{parts[-1]}"]
