"""The talk about a draft of any kind: remarks on its fields, handing it in, giving it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chorsu.institutions.errors import EditConflict, WrongState
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import InvalidRecord
from chorsu.records.shapes import CommentView
from chorsu.web.access import signed_in
from chorsu.web.drafting.controls import Text
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import number


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a draft under review: its text as readers will see it, and the remarks on it."""

    name: str
    label: Text
    text: str
    html: SafeString | None
    group: bool
    open: Sequence[CommentView]
    done: Sequence[CommentView]
    is_missing: bool
    url: str = ""


class Comments(Protocol):
    """The action that adds a remark."""

    def __call__(
        self, *, draft_id: str, field: str, text: str, by: Person, now: datetime
    ) -> CommentView: ...


class Resolves(Protocol):
    """The action that marks a remark as dealt with."""

    def __call__(self, *, comment_id: int, by: Person, now: datetime) -> CommentView: ...


class Submits(Protocol):
    """The action that hands a draft to the editors."""

    def __call__(self, *, draft_id: str, version: int, by: Person, now: datetime) -> object: ...


class Returns(Protocol):
    """The action that gives a draft back."""

    def __call__(
        self, *, draft_id: str, version: int, by: Person, now: datetime, text: str = ""
    ) -> object: ...


class ShowsReview(Protocol):
    """The review page; `typed` is a remark (field, text) that could not be kept, with its error."""

    def __call__(
        self,
        request: HttpRequest,
        draft_id: str,
        *,
        status: int = 200,
        typed: tuple[str, str] = ("", ""),
        error: str = "",
    ) -> HttpResponse: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """How drafts of one kind are talked about. Their pages are named `<prefix>-edit` and so on;
    `place_of` a field is the part of the review page on which it is talked about.
    """

    prefix: str
    comment: Comments
    resolve: Resolves
    submit: Submits
    give_back: Returns
    page: ShowsReview
    name_of: Callable[[str], Text]
    place_of: Callable[[str], str]


def thread(comments: Sequence[CommentView], unit: str) -> list[CommentView]:
    """The remarks on a field or on anything in a group of rows; "" is the whole draft."""
    return [one for one in comments if one.field == unit or one.field.startswith(f"{unit}.")]


def open_thread(comments: Sequence[CommentView], unit: str) -> list[CommentView]:
    """Those of `thread` that nobody has dealt with yet."""
    return [comment for comment in thread(comments, unit) if comment.resolved_at is None]


def open_and_done(talk: Sequence[CommentView]) -> tuple[list[CommentView], list[CommentView]]:
    """The remarks that wait, and those that were dealt with."""
    waiting = [one for one in talk if one.resolved_at is None]
    return waiting, [one for one in talk if one.resolved_at is not None]


def comment(request: HttpRequest, talk: Talk, draft_id: UUID) -> HttpResponse:
    """Remark on a field: `field` (empty: the whole draft), `text`."""
    field, text = request.POST.get("field", ""), request.POST.get("text", "")
    try:
        talk.comment(
            draft_id=str(draft_id), field=field, text=text, by=signed_in(request), now=utc_now()
        )
    except InvalidRecord as invalid:
        said = message(invalid.errors[0])
        if invalid.errors[0].code == "missing":
            said = _("Write something first.")
        return talk.page(request, str(draft_id), status=422, typed=(field, text), error=said)
    return redirect(_anchor(talk, draft_id, field))


def resolve(request: HttpRequest, talk: Talk, draft_id: UUID, comment_id: int) -> HttpResponse:
    """Mark a remark as dealt with."""
    done = talk.resolve(comment_id=comment_id, by=signed_in(request), now=utc_now())
    if request.POST.get("back") == "edit":
        address = reverse(f"{talk.prefix}-edit", args=[draft_id])
        return redirect(f"{address}#u-{done.field.split('.')[0]}")
    return redirect(_anchor(talk, draft_id, done.field))


def submit(request: HttpRequest, talk: Talk, draft_id: UUID) -> HttpResponse:
    """Hand the draft, as it is saved, to the editors."""
    try:
        talk.submit(
            draft_id=str(draft_id), version=_version(request), by=signed_in(request), now=utc_now()
        )
    except InvalidRecord as invalid:
        for error in invalid.errors:
            messages.error(request, f"{talk.name_of(error.field)}: {message(error)}")
        return redirect(f"{talk.prefix}-edit", draft_id=draft_id)
    except (EditConflict, WrongState):
        return changed_meanwhile(request, talk.prefix, draft_id)
    messages.success(request, _("The draft is with the editors now."))
    return redirect("work")


def give_back(request: HttpRequest, talk: Talk, draft_id: UUID) -> HttpResponse:
    """Return a submitted draft to its writer, with a remark on the whole (`text`)."""
    text = request.POST.get("text", "")
    try:
        talk.give_back(
            draft_id=str(draft_id),
            version=_version(request),
            text=text,
            by=signed_in(request),
            now=utc_now(),
        )
    except InvalidRecord as invalid:
        said, status = message(invalid.errors[0]), 422
    except (EditConflict, WrongState):
        said = _("Somebody changed this draft meanwhile. Look at it again, then decide.")
        status = 409
    else:
        messages.success(request, _("The draft went back to its writer."))
        return redirect("work")
    return talk.page(request, str(draft_id), status=status, typed=("return", text), error=said)


def changed_meanwhile(request: HttpRequest, prefix: str, draft_id: UUID | str) -> HttpResponse:
    """Back to the draft as it is now, with a word on why nothing was done."""
    messages.warning(
        request, _("Somebody changed this draft meanwhile. Look at it again, then decide.")
    )
    return redirect(f"{prefix}-review", draft_id=draft_id)


def _version(request: HttpRequest) -> int:
    return number(request.POST.get("version"))


def _anchor(talk: Talk, draft_id: UUID, field: str) -> str:
    address = reverse(f"{talk.prefix}-review", args=[draft_id])
    return f"{address}#r-{talk.place_of(field)}"
