"""A draft as its readers will see it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chorsu.practices import queries
from chorsu.practices.shapes import DraftView, PracticeView
from chorsu.records.shapes import TextView
from chorsu.web.access import signed_in
from chorsu.web.drafting.people import may_publish, may_save
from chorsu.web.exchange import private_blob
from chorsu.web.locales import page_language
from chorsu.web.practice_page import Asked, PracticePage, page_of
from chorsu.web.writing.guards import for_members


@require_safe
@for_members
def show(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The draft set as the practice's page will be."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    view = as_practice(draft)
    context = {
        "draft": draft,
        "practice": view,
        "page": draft_page(view),
        "may_save": may_save(draft, person),
        "may_publish": may_publish(person, draft.institution_id),
    }
    return render(request, "writing/preview.html", context)


@require_safe
@for_members
def file(request: HttpRequest, draft_id: UUID, sha256: str) -> HttpResponseBase:
    """A file of the draft, for those who may read the draft; its blob is nobody else's yet."""
    draft = queries.draft(str(draft_id), signed_in(request))
    if all(one.sha256 != sha256 for one in draft.files):
        raise Http404
    return private_blob(request, sha256)


def draft_page(view: PracticeView) -> PracticePage:
    """The page of the practice a draft would become, its files at the draft's own addresses."""
    page = page_of(view, Asked(), page_language().tag)
    files = [
        replace(shown, url=reverse("draft-file", args=[view.id, one.sha256]))
        for shown, one in zip(page.files, view.files, strict=True)
    ]
    return replace(page, files=files)


def as_practice(draft: DraftView) -> PracticeView:
    """The practice that the draft would become, were it published as it was last saved."""
    text = TextView(
        language=draft.language,
        provenance="original",
        revision=draft.based_on + 1,
        translated_by="",
        translated_on=None,
        supplied_by=settings.NODE_NAME,
        stale=False,
        title=draft.words.get("title", ""),
        summary=draft.words.get("summary", ""),
        words=draft.words,
    )
    return PracticeView(
        id=draft.id,
        origin=settings.NODE_NAME,
        is_own=True,
        institution_id=draft.institution_id,
        revision=draft.based_on + 1,
        audience=draft.audience,
        licence=draft.licence,
        original_language=draft.language,
        published_at=draft.saved_at,
        updated_at=draft.saved_at,
        arrived_at=draft.saved_at,
        facts=draft.facts,
        text=text,
        original=text,
        texts=[text],
        files=draft.files,
        blob="",
    )
