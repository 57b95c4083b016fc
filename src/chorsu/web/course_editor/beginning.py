"""Beginning a course: empty, from a practice, from another course, or as its next revision."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chorsu.flows.teaching import teach_practice
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Role
from chorsu.institutions.writing import may_edit
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.practices import queries as practices
from chorsu.training.actions import courses as actions
from chorsu.training.errors.courses import NoSuchCourseDraft, NotOwnCourse
from chorsu.training.queries import courses as queries
from chorsu.training.queries.cohorts import places_to_teach
from chorsu.training.queries.shared_banks import published_for
from chorsu.web.access import signed_in
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.drafting.people import places_to_write
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def new(request: HttpRequest) -> HttpResponse:
    """Begin a course: for which institution, in which language."""
    chosen = _chosen(request, TAGS)
    if chosen is not None:
        institution_id, language = chosen
        draft = actions.begin_draft(
            by=signed_in(request), institution_id=institution_id, language=language, now=utc_now()
        )
        return redirect("course-draft-edit", draft_id=draft.id)
    return _ask(request, "course_editor/new.html", TAGS, {})


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def teach(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Begin a course whose first unit shows a practice, anybody's."""
    view = practices.practice(str(practice_id), viewer_of(request))
    chosen = _chosen(request, TAGS)
    if chosen is not None:
        institution_id, language = chosen
        draft = teach_practice(
            practice_id=view.id,
            institution_id=institution_id,
            language=language,
            by=signed_in(request),
            now=utc_now(),
        )
        return redirect("course-draft-edit", draft_id=draft.id)
    return _ask(request, "course_editor/teach.html", TAGS, {"practice": view})


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def fork(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Make a course of one's own from a published one, in a language in which it has a text."""
    view = queries.course(str(course_id), viewer_of(request))
    tags = tuple(text.language for text in view.texts)
    chosen = _chosen(request, tags)
    if chosen is not None:
        institution_id, language = chosen
        draft = actions.fork(
            course_id=view.id,
            institution_id=institution_id,
            language=language,
            by=signed_in(request),
            now=utc_now(),
        )
        return redirect("course-draft-edit", draft_id=draft.id)
    teaches = bool(places_to_teach(signed_in(request)))
    more = {"course": view, "teaches": teaches, "bank": published_for(course_id)}
    return _ask(request, "course_editor/fork.html", tags, more)


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def revise(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Begin a new revision of a published course, or go on with the one begun."""
    person = signed_in(request)
    view = queries.course(str(course_id), viewer_of(request))
    if not view.is_own:
        raise NotOwnCourse(view.id)
    if not may_edit(person, view.institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)
    if request.method == "POST":
        draft = actions.revise(course_id=view.id, by=person, now=utc_now())
        return redirect("course-draft-edit", draft_id=draft.id)
    try:
        queries.draft(view.id, person)
    except NoSuchCourseDraft:
        context = {"course": view, "next": view.revision + 1}
        return render(request, "course_editor/revise.html", context)
    return redirect("course-draft-edit", draft_id=view.id)


def _chosen(request: HttpRequest, tags: tuple[str, ...]) -> tuple[str, str] | None:
    """(institution id, language tag) as posted, both right; None: they are to be asked for."""
    if request.method != "POST":
        return None
    wanted, language = request.POST.get("institution", ""), request.POST.get("language", "")
    places = {view.id for view in places_to_write(signed_in(request))}
    if wanted in places and language in tags:
        return wanted, language
    messages.error(request, _("Choose an institution and a language."))
    return None


def _ask(
    request: HttpRequest, template: str, tags: tuple[str, ...], more: dict[str, object]
) -> HttpResponse:
    here = page_language().tag
    places = places_to_write(signed_in(request))
    first = here if here in tags else tags[0]
    context = {
        "places": [(view.id, view.name(here)) for view in places],
        "languages": [one for one in LANGUAGES if one.tag in tags],
        "chosen": request.POST.get("institution") or (places[0].id if places else ""),
        "language": request.POST.get("language") or first,
        **more,
    }
    return render(request, template, context, status=422 if request.method == "POST" else 200)
