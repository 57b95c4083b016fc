"""Remembering: the key points that are due today, one at a time; and the mails about them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from babel.dates import format_timedelta
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.flows.reminding import person_of_token
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import remembering as actions
from chorsu.training.queries.learning import NothingToTeach, course_in_hand
from chorsu.training.queries.remembering import (
    CardView,
    due_cards,
    is_reminded,
    key_points,
    place_of,
)
from chorsu.training.remembering import next_in, points
from chorsu.web.access import signed_in
from chorsu.web.learning.pages import learner_of, unit_address
from chorsu.web.learning.questions import read_key
from chorsu.web.locales import locale, page_language
from chorsu.web.markdown import to_html
from chorsu.web.viewer import viewer_of

_RATINGS = {1: "again", 2: "hard", 3: "good", 4: "easy"}


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The first card that is due, and how many there are today."""
    person, now = signed_in(request), utc_now()
    due = due_cards(person.pk, now)
    shown = next((found for card in due if (found := _card(request, card))), None)
    context = {"due": len(due), "card": shown, "reminded": is_reminded(person.pk)}
    return render(request, "learning/cards.html", context)


def _card(request: HttpRequest, card: CardView) -> dict[str, object] | None:
    """A card in words; None if the course has none for it.

    Points are counted in the original, at the revision that a translation gives: one that a
    translation does not make, or not in these words, is asked in the original.
    """
    learner = learner_of(request, card.enrolment_id)
    try:
        course = course_in_hand(learner, viewer_of(request).languages)
    except NothingToTeach:
        return None
    field = f"units.{card.unit}.key_points"
    text, language = course.word(field)
    said = points(text)
    given = key_points(learner.course_id, course.gives, learner.content)
    place = place_of(card.mark, given.get(card.unit, ()))
    if place is None or place >= len(said):
        said, language = points(course.original.get(field, "")), course.original_language
        place = place_of(card.mark, said)
    if place is None:
        return None
    point, now = said[place], utc_now()
    waits = next_in(card.memory, now)
    return {
        "id": card.id,
        "enrolment": card.enrolment_id,
        "number": place + 1,
        "of": len(said),
        "question": to_html(point.question),
        "answer": to_html(point.answer),
        "language": language,
        "unit_title": course.word(f"units.{card.unit}.title"),
        "course_title": course.word("title"),
        "url": unit_address(card.enrolment_id).replace("{}", card.unit),
        "key": uuid4(),
        "ratings": [(rating, _RATINGS[rating], _span(waits[rating])) for rating in _RATINGS],
    }


def _span(wait: timedelta) -> str:
    """`10 minutes`, `3 days`, in the page's language."""
    return format_timedelta(wait, locale=locale(page_language().tag), threshold=1.5)


@login_required
@require_POST
def review(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """An answer to a card: `card` is its id, `rating` 1 to 4, `key` made for this answer."""
    learner = learner_of(request, enrolment_id)
    card, rating = request.POST.get("card", ""), request.POST.get("rating", "")
    key = read_key(request.POST.get("key", ""))
    if key is None or not (card.isdecimal() and rating.isdecimal()) or len(card + rating) > 19:
        raise Http404
    try:
        actions.review(learner=learner, card=int(card), rating=int(rating), key=key, now=utc_now())
    except actions.NoSuchCard:
        raise Http404 from None
    return redirect("learning-cards")


@login_required
@require_POST
def reminding(request: HttpRequest) -> HttpResponse:
    """Have mails about cards that are due, or have none."""
    wanted = request.POST.get("wanted") == "1"
    actions.set_reminding(person_id=signed_in(request).pk, wanted=wanted)
    return redirect("learning-cards")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails by the link in one of them, without a sign-in (RFC 8058: by one POST)."""
    try:
        person_id = person_of_token(token)
    except signing.BadSignature:
        raise Http404 from None
    if request.method == "POST":
        actions.set_reminding(person_id=person_id, wanted=False)
    done = request.method == "POST" or not is_reminded(person_id)
    title = _("The mails are stopped") if done else _("Stop the mails?")
    return render(request, "learning/stop.html", {"done": done, "title": title})
