"""Translating a practice, one's own or a peer's: the original on the left, one's words beside."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.exchange.queries import peers_set_aside
from chorsu.flows.translating import approve_translation
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import institution, node_institution_id
from chorsu.institutions.writing import may_translate
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.language.rules import best_by_language
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchPractice, TranslationConflict
from chorsu.practices.rules import FIELDS_BY_NAME, FieldError, InvalidPractice, order_words
from chorsu.practices.shapes import TranslationView
from chorsu.records.viewer import Viewer
from chorsu.web.access import signed_in
from chorsu.web.drafting.merging import THEIRS, picked
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import number
from chorsu.web.drafting.sides import Fields, TypedText, clashing_sides, sides_of
from chorsu.web.viewer import viewer_of
from chorsu.web.writing.guards import for_members
from chorsu.web.writing.labels import name_of

_MEMBER = Viewer(member=True)


def _is_tall(name: str) -> bool:
    return name in FIELDS_BY_NAME and FIELDS_BY_NAME[name].lines


_FIELDS = Fields(name_of=name_of, is_tall=_is_tall)


@require_safe
@for_members
def index(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """The languages of a practice: what is there, stale or missing, and the way to each."""
    person = signed_in(request)
    if not may_translate(person):
        raise NotAllowed(Role.TRANSLATOR)
    view = queries.practice(str(practice_id), viewer_of(request))
    best = best_by_language(view.texts, view.original_language)
    languages = [(language, best.get(language.tag)) for language in LANGUAGES]
    context = {
        "practice": view,
        "languages": languages,
        "set_aside": peers_set_aside([view.origin]),
    }
    return render(request, "writing/translations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def translate(request: HttpRequest, practice_id: UUID, tag: str) -> HttpResponse:
    """Both texts side by side; a POST saves, and with `do=approve` publishes."""
    if tag not in TAGS:
        raise Http404
    person = signed_in(request)
    view = queries.translation(str(practice_id), tag, person)
    if request.method == "POST":
        return _save(request, view, person)
    typed = TypedText(view.words, _suggested(view), _office(view), view.revision)
    return translate_page(request, view, typed)


def translate_page(
    request: HttpRequest,
    view: TranslationView,
    typed: TypedText,
    *,
    errors: Mapping[str, str] | None = None,
    version: int | None = None,
) -> HttpResponse:
    """The page; with errors, 422."""
    told = errors or {}
    source = order_words(view.source.words)
    sides = sides_of(source, typed.words, told, _made_from(view), _FIELDS)
    placed = {side.name for side in sides}
    context = {
        "view": view,
        "version": view.version if version is None else version,
        "typed": typed,
        "sides": sides,
        "is_stale": view.revision < view.source.revision,
        "set_aside": peers_set_aside([view.source.supplied_by]),
        "provenance_error": told.get("provenance", ""),
        "translated_by_error": told.get("translated_by", ""),
        "errors": [
            (f"t-{name}" if name in placed else "", str(name_of(name)), said)
            for name, said in told.items()
        ],
    }
    return render(request, "writing/translate.html", context, status=422 if told else 200)


def _save(request: HttpRequest, view: TranslationView, person: Person) -> HttpResponse:
    action, version = request.POST.get("do", "save"), number(request.POST.get("version"))
    quiet = request.headers.get("Accept") == "application/json"
    typed = _typed(request, view)
    try:
        saved = actions.save_translation(
            practice_id=view.practice_id,
            language=view.language,
            version=version,
            words=dict(typed.words),
            provenance=typed.provenance,
            translated_by=typed.translated_by,
            revision=typed.revision,
            by=person,
            now=utc_now(),
        )
        if action == "approve":
            approve_translation(
                practice_id=view.practice_id,
                language=view.language,
                version=saved.version,
                by=person,
                now=utc_now(),
            )
            messages.success(request, _("The translation is published."))
            return redirect("practice", practice_id=view.practice_id)
    except TranslationConflict as conflict:
        if quiet:
            said = _("%(who)s saved this translation meanwhile. Your text is not saved yet.")
            state = said % {"who": conflict.current.saved_by}
            return JsonResponse({"state": state}, status=409)
        return _conflict_page(request, typed, conflict.current)
    except InvalidPractice as invalid:
        return _refused(request, view, typed, invalid.errors, quiet=quiet)
    if quiet:
        at = f"{localtime(saved.saved_at):%H:%M}"
        return JsonResponse({"version": saved.version, "state": _("Saved %(time)s") % {"time": at}})
    messages.success(request, _("The translation is saved."))
    return redirect("practice-translate", practice_id=view.practice_id, tag=view.language)


def _refused(
    request: HttpRequest,
    view: TranslationView,
    typed: TypedText,
    errors: list[FieldError],
    *,
    quiet: bool,
) -> HttpResponse:
    told = {error.field: message(error) for error in reversed(errors)}
    if quiet:
        return JsonResponse(
            {"errors": {f"t-{name}": said for name, said in told.items()}}, status=422
        )
    # What could be saved before the approval was refused has moved the version on.
    now = queries.translation(view.practice_id, view.language, signed_in(request))
    return translate_page(request, now, typed, errors=dict(reversed(told.items())))


@require_POST
@for_members
def discard(request: HttpRequest, practice_id: UUID, tag: str) -> HttpResponse:
    """Throw a translation in work away; what is published stays."""
    try:
        actions.discard_translation(
            practice_id=str(practice_id),
            language=tag,
            version=number(request.POST.get("version")),
            by=signed_in(request),
            now=utc_now(),
        )
    except TranslationConflict:
        messages.warning(request, _("Somebody saved this translation meanwhile. Look at it again."))
        return redirect("practice-translate", practice_id=practice_id, tag=tag)
    messages.success(request, _("The translation in work is discarded."))
    return redirect("translate", practice_id=practice_id)


def _conflict_page(request: HttpRequest, typed: TypedText, theirs: TranslationView) -> HttpResponse:
    """409: one's own translation and theirs, field by field.

    Where both say the same there is nothing to decide, and the page of the translation follows.
    """
    address = reverse("practice-translate", args=[theirs.practice_id, theirs.language])
    saved = TypedText(theirs.words, theirs.provenance, theirs.translated_by, theirs.revision)
    found = clashing_sides(typed, saved, order_words(theirs.source.words), _FIELDS)
    if not found:
        return redirect(address)
    context = {
        "view": theirs,
        "address": address,
        "version": theirs.version,
        "clashes": found,
        "typed": typed,
        "kept": [(name, typed.words.get(name, "")) for name in theirs.source.words],
    }
    return render(request, "writing/translate_conflict.html", context, status=409)


def _typed(request: HttpRequest, view: TranslationView) -> TypedText:
    """What was posted; on the conflict page, theirs where that was picked."""
    posted = request.POST
    revision = number(posted.get("revision"))
    if posted.get("up_to_date") == "yes":
        revision = number(posted.get("source_revision"))
    typed = TypedText(
        words={name: posted.get(name, "") for name in view.source.words},
        provenance=posted.get("provenance", ""),
        translated_by=posted.get("translated_by", ""),
        revision=revision,
    )
    return _merged(posted, typed, view) if posted.get("do") == "merge" else typed


def _merged(posted: QueryDict, typed: TypedText, view: TranslationView) -> TypedText:
    """Each unit of the conflict page from the side that was picked; one's own where none was."""
    taken = {unit for unit, side in picked(posted.dict()).items() if side == THEIRS}
    return TypedText(
        words={
            name: view.words.get(name, "") if name in taken else text
            for name, text in typed.words.items()
        },
        provenance=view.provenance if "provenance" in taken else typed.provenance,
        translated_by=view.translated_by if "translated_by" in taken else typed.translated_by,
        revision=view.revision if "revision" in taken else typed.revision,
    )


def _suggested(view: TranslationView) -> str:
    """Whoever saves a machine's text has corrected it."""
    return "edited" if view.provenance == "machine" else view.provenance


def _office(view: TranslationView) -> str:
    """Who is named as translator: what is said already, else the academy itself."""
    return view.translated_by or institution(node_institution_id()).name(view.language)


def _made_from(view: TranslationView) -> Mapping[str, str]:
    """The original's words that a stale text gives; empty if they are the newest or not here."""
    if view.revision >= view.source.revision:
        return {}
    try:
        return queries.revision(view.practice_id, view.revision, _MEMBER).words
    except NoSuchPractice:
        return {}
