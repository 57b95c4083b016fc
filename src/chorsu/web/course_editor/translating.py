"""Translating a course part by part: the original on the left, one's words beside.

A course is long, and two translators may share it: a page holds the course's own words, its
glossary, or one unit, and is saved beside whoever saves another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.exchange.queries import peers_set_aside
from chorsu.flows.teaching import approve_course_translation
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import institution, node_institution_id
from chorsu.institutions.writing import may_translate
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions import courses as actions
from chorsu.training.errors.courses import CourseTranslationConflict, NoSuchCourse
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import WORDS, Facts
from chorsu.training.shapes.courses import CourseTranslationView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.labels import name_of
from chorsu.web.course_editor.scopes import Mark, said
from chorsu.web.course_editor.text_parts import COURSE, TextPart, part_of, parts_of
from chorsu.web.drafting.merging import THEIRS, Copy, picked
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import number
from chorsu.web.drafting.sides import Fields, TypedText, clashing_sides, sides_of
from chorsu.web.locales import page_language
from chorsu.web.suppliers import supplier_name
from chorsu.web.viewer import viewer_of

_TRIES = 5


def _is_tall(name: str) -> bool:
    field = WORDS.field(name)
    return field is not None and field.lines


_FIELDS = Fields(name_of=name_of, is_tall=_is_tall)


@dataclass(frozen=True, slots=True)
class Desk:
    """A part of a translation as it is saved now, beside its source."""

    view: CourseTranslationView
    part: TextPart
    parts: Sequence[TextPart]
    facts: Facts

    @property
    def source(self) -> list[tuple[str, str]]:
        """The fields of this part, in reading order."""
        return [(name, self.view.source.words[name]) for name in self.part.names]

    @property
    def saved(self) -> TypedText:
        """What is saved of this part."""
        view = self.view
        words = {name: view.words.get(name, "") for name in self.part.names}
        return TypedText(words, view.provenance, view.translated_by, view.revision)

    @property
    def mark(self) -> Mark:
        """What a page read now carries."""
        text = self.saved
        told = {"provenance": text.provenance, "translated_by": text.translated_by}
        record = {**told, "revision": str(text.revision)}
        return Mark(self.view.version, said(Copy(text.words, {}, record)))


@require_safe
@for_authors
def index(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """The languages of a course: what is there, stale or missing, and the way to each."""
    if not may_translate(signed_in(request)):
        raise NotAllowed(Role.TRANSLATOR)
    viewer = viewer_of(request)
    view = queries.course(str(course_id), viewer)
    here = page_language().tag
    states = {state.language: state for state in queries.language_states(view.id, viewer)}
    context = {
        "course": view,
        "languages": [
            (
                language,
                states[language.tag],
                supplier_name(states[language.tag].supplied_by or view.origin, view.origin, here),
            )
            for language in LANGUAGES
        ],
        "set_aside": sorted(peers_set_aside([view.origin])),
    }
    return render(request, "course_editor/translations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def translate(request: HttpRequest, course_id: UUID, tag: str, part: str) -> HttpResponse:
    """Both texts of a part side by side; a POST saves, with `do=approve` it publishes the whole."""
    if tag not in TAGS:
        raise Http404
    desk = _desk(request, str(course_id), tag, part)
    if request.method == "POST":
        return _save(request, desk, signed_in(request))
    view = desk.view
    suggested = "edited" if view.provenance == "machine" else view.provenance
    office = view.translated_by or institution(node_institution_id()).name(view.language)
    typed = replace(desk.saved, provenance=suggested, translated_by=office)
    return _page(request, desk, typed)


@require_POST
@for_authors
def discard(request: HttpRequest, course_id: UUID, tag: str) -> HttpResponse:
    """Throw a translation in work away; what is published stays."""
    try:
        actions.discard_translation(
            course_id=str(course_id),
            language=tag,
            version=number(request.POST.get("version")),
            by=signed_in(request),
            now=utc_now(),
        )
    except CourseTranslationConflict:
        messages.warning(request, _("Somebody saved this translation meanwhile. Look at it again."))
        return redirect("course-translate", course_id=course_id, tag=tag, part=COURSE)
    messages.success(request, _("The translation in work is discarded."))
    return redirect("course-translations", course_id=course_id)


def _desk(request: HttpRequest, course_id: str, tag: str, key: str) -> Desk:
    view = queries.translation(course_id, tag, signed_in(request))
    facts = queries.course(course_id, viewer_of(request)).facts
    parts = parts_of(view.source.words, facts, view.words)
    found = part_of(parts, key)
    if found is None:
        raise Http404
    return Desk(view, found, parts, facts)


def _page(
    request: HttpRequest,
    desk: Desk,
    typed: TypedText,
    *,
    errors: Mapping[str, str] | None = None,
    mark: Mark | None = None,
) -> HttpResponse:
    """The page; with errors, 422."""
    told, view = errors or {}, desk.view
    sides = sides_of(desk.source, typed.words, told, _made_from(view), _FIELDS)
    placed = {side.name for side in sides}
    place = desk.parts.index(desk.part)
    context = {
        "view": view,
        "part": desk.part,
        "parts": desk.parts,
        "next": desk.parts[place + 1] if place + 1 < len(desk.parts) else None,
        "mark": mark or desk.mark,
        "typed": typed,
        "sides": sides,
        "is_stale": view.revision < view.source.revision,
        "set_aside": sorted(peers_set_aside([view.source.supplied_by])),
        "provenance_error": told.get("provenance", ""),
        "translated_by_error": told.get("translated_by", ""),
        "errors": [
            (_place_of(name, placed, desk), str(name_of(name)), text) for name, text in told.items()
        ],
    }
    return render(request, "course_editor/translate.html", context, status=422 if told else 200)


def _place_of(name: str, placed: set[str], desk: Desk) -> str:
    """Where an error is mended: on this page, or on that of another part; empty: nowhere."""
    if name in placed or name in ("provenance", "translated_by"):
        return f"#t-{name}"
    part = next((one for one in desk.parts if name in one.names), None)
    if part is None:
        return ""
    address = reverse("course-translate", args=[desk.view.course_id, desk.view.language, part.key])
    return f"{address}#t-{name}"


def _save(request: HttpRequest, desk: Desk, person: Person) -> HttpResponse:
    action, mark = request.POST.get("do", "save"), Mark.read(request.POST.get("version", ""))
    quiet = request.headers.get("Accept") == "application/json"
    typed = _typed(request, desk)
    try:
        now = _saved(request, desk, typed, mark, person)
        if now is None:
            return _conflict(request, desk, typed, quiet=quiet)
        if action == "approve":
            approve_course_translation(
                course_id=now.course_id,
                language=now.language,
                version=now.version,
                by=person,
                now=utc_now(),
            )
            messages.success(request, _("The translation is published."))
            return redirect("course", course_id=now.course_id)
    except CourseTranslationConflict:
        return _conflict(request, desk, typed, quiet=quiet)
    except InvalidRecord as invalid:
        return _refused(request, desk, typed, invalid.errors, quiet=quiet)
    here = replace(desk, view=now)
    if quiet:
        at = {"time": f"{localtime(now.saved_at):%H:%M}"} if now.saved_at else {"time": ""}
        return JsonResponse({"version": str(here.mark), "state": _("Saved %(time)s") % at})
    part = desk.part
    if action == "next":
        part = desk.parts[min(desk.parts.index(part) + 1, len(desk.parts) - 1)]
    else:
        messages.success(request, _("The translation is saved."))
    return redirect("course-translate", course_id=now.course_id, tag=now.language, part=part.key)


def _saved(
    request: HttpRequest, desk: Desk, typed: TypedText, mark: Mark, person: Person
) -> CourseTranslationView | None:
    """The translation with this part in it; None if somebody else saved this part meanwhile."""
    for _try in range(_TRIES):
        now = replace(
            desk, view=queries.translation(desk.view.course_id, desk.view.language, person)
        )
        if now.mark.said != mark.said:
            return None
        try:
            return actions.save_translation(
                course_id=now.view.course_id,
                language=now.view.language,
                version=now.view.version,
                words={**now.view.words, **typed.words},
                provenance=typed.provenance,
                translated_by=typed.translated_by,
                revision=typed.revision,
                by=person,
                now=utc_now(),
            )
        except CourseTranslationConflict:
            continue
    return None


def _refused(
    request: HttpRequest,
    desk: Desk,
    typed: TypedText,
    errors: Sequence[FieldError],
    *,
    quiet: bool,
) -> HttpResponse:
    told: dict[str, str] = {}
    for error in errors:
        told.setdefault(error.field, message(error))
    if quiet:
        return JsonResponse(
            {"errors": {f"t-{name}": text for name, text in told.items()}}, status=422
        )
    # What could be saved before the approval was refused has moved the mark on.
    now = _desk(request, desk.view.course_id, desk.view.language, desk.part.key)
    kept = Mark.read(request.POST.get("version", ""))
    mark = now.mark if now.view.version != desk.view.version else kept
    return _page(request, now, typed, errors=told, mark=mark)


def _conflict(request: HttpRequest, desk: Desk, typed: TypedText, *, quiet: bool) -> HttpResponse:
    """409: one's own translation and theirs, field by field.

    Where both say the same there is nothing to decide, and the page of the translation follows.
    """
    now = _desk(request, desk.view.course_id, desk.view.language, desk.part.key)
    if quiet:
        text = _("%(who)s saved this translation meanwhile. Your text is not saved yet.")
        return JsonResponse({"state": text % {"who": now.view.saved_by}}, status=409)
    address = reverse(
        "course-translate", args=[now.view.course_id, now.view.language, now.part.key]
    )
    found = clashing_sides(typed, now.saved, now.source, _FIELDS)
    if not found:
        return redirect(address)
    context = {
        "view": now.view,
        "address": address,
        "version": now.mark,
        "clashes": found,
        "typed": typed,
        "kept": list(typed.words.items()),
    }
    return render(request, "writing/translate_conflict.html", context, status=409)


def _typed(request: HttpRequest, desk: Desk) -> TypedText:
    """What was posted; on the conflict page, theirs where that was picked."""
    posted, theirs = request.POST, desk.saved
    revision = number(posted.get("revision"))
    if posted.get("up_to_date") == "yes":
        revision = number(posted.get("source_revision"))
    typed = TypedText(
        words={name: posted.get(name, "") for name in desk.part.names},
        provenance=posted.get("provenance", ""),
        translated_by=posted.get("translated_by", ""),
        revision=revision,
    )
    if posted.get("do") != "merge":
        return typed
    taken = {unit for unit, side in picked(posted.dict()).items() if side == THEIRS}
    return TypedText(
        words={
            name: theirs.words.get(name, "") if name in taken else text
            for name, text in typed.words.items()
        },
        provenance=theirs.provenance if "provenance" in taken else typed.provenance,
        translated_by=theirs.translated_by if "translated_by" in taken else typed.translated_by,
        revision=theirs.revision if "revision" in taken else typed.revision,
    )


def _made_from(view: CourseTranslationView) -> Mapping[str, str]:
    """The original's words that a stale text gives; empty if they are the newest or not here."""
    if view.revision >= view.source.revision:
        return {}
    try:
        return queries.taught(view.course_id, view.revision).original.words
    except NoSuchCourse:
        return {}
