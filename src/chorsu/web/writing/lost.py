"""When a draft can no longer be saved: what was typed is shown, so that nothing is lost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chorsu.practices import queries
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.practices.rules import TEXT_FIELDS
from chorsu.records.viewer import Viewer
from chorsu.web.writing.labels import LABELS


def not_saved_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """409: the draft was published, discarded or submitted meanwhile; the typed texts to copy."""
    try:
        published = bool(queries.practice(draft_id, Viewer(member=True)))
    except (NoSuchPractice, PracticeWithdrawn):
        published = False
    typed = [
        (LABELS[field.name].name, request.POST[field.name])
        for field in TEXT_FIELDS
        if request.POST.get(field.name)
    ]
    context = {"draft_id": draft_id, "published": published, "typed": typed}
    return render(request, "writing/not_saved.html", context, status=409)
