"""The attempt that an address names, and its questions."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest

from chorsu.training.items.fields import Item
from chorsu.training.queries.attempts import AttemptView, NoSuchAttempt, attempt
from chorsu.training.queries.bank import item_versions
from chorsu.web.access import signed_in


def attempt_of(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> AttemptView:
    """The signed-in learner's own attempt, or Http404."""
    try:
        found = attempt(attempt_id, signed_in(request).pk)
    except NoSuchAttempt:
        raise Http404 from None
    if found.enrolment_id != enrolment_id:
        raise Http404
    return found


def item_of(tried: AttemptView, item_id: str) -> Item:
    """A question as the attempt asks it; Http404 for one that it does not."""
    for drawn, version, _section in tried.drawn:
        if drawn == item_id:
            return item_versions([(drawn, version)])[drawn]
    raise Http404


def number_of(tried: AttemptView, item_id: str) -> int:
    """The place of a question in its attempt, from 1; 0 for one that it does not ask."""
    drawn = [item for item, _version, _section in tried.drawn]
    return drawn.index(item_id) + 1 if item_id in drawn else 0


def asks_for_files(tried: AttemptView) -> bool:
    """Whether a question of the attempt is answered by files."""
    items = item_versions([(item, version) for item, version, _section in tried.drawn])
    return any(item.facts["type"] == "file" for item in items.values())
