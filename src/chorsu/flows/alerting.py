"""Alerting: what is new is held against every saved search, and who keeps it is told once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from smtplib import SMTPException
from typing import TypeAlias
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from chorsu.kernel.languages import by_tag
from chorsu.practices.queries import practices_by_id
from chorsu.practices.shapes import PracticeCard
from chorsu.practices.wire import KIND as PRACTICE
from chorsu.records.viewer import Viewer
from chorsu.search import saving
from chorsu.search.errors import SearchTooSlow
from chorsu.search.queries import search
from chorsu.search.saved import SavedView, all_saved, matches, saved_by_id, waiting_to_be_mailed
from chorsu.training.queries.courses import courses_by_id
from chorsu.training.shapes.courses import CourseCard
from chorsu.training.wire.courses import KIND as COURSE

logger = logging.getLogger(__name__)
AT_ONCE = 200
"""New records held against the saved searches at a time."""
IN_A_MAIL = 20
"""Records that one mail names; the link to the search leads to the rest."""
PAGES = {PRACTICE: "practice", COURSE: "course"}
"""Kinds of which is told what is new -> name of the page of one."""
RecordOf: TypeAlias = PracticeCard | CourseCard


def look_for_new(*, now: datetime) -> int:
    """Hold some new records against every saved search; return how many records.

    Done again from the start after a kill: what was noted is not noted twice. A search that takes
    too long is passed over, so that it holds up nobody else's.
    """
    new = {kind: saving.unannounced(kind, limit=AT_ONCE) for kind in PAGES}
    if not any(new.values()):
        return 0
    for saved in all_saved():
        for kind, found in new.items():
            came_since = [number for number, _, came_at in found if came_at > saved.created_at]
            if came_since:
                ids = _matching(saved, kind, came_since)
                saving.note_matches(saved_id=saved.id, kind=kind, record_ids=ids, now=now)
    saving.announced([number for found in new.values() for number, _, _ in found])
    return sum(map(len, new.values()))


def _matching(saved: SavedView, kind: str, among: Sequence[int]) -> list[str]:
    try:
        results = search(
            saved.question,
            saved.viewer,
            saved.filters,
            kinds=[kind],
            limit=len(among),
            among=among,
        )
    except SearchTooSlow:
        logger.warning("a saved search took too long: %s", saved.id)
        return []
    return [hit.record_id for hit in results.hits]


def mail_new(*, alert: str, now: datetime) -> int:
    """Mail what is new for the saved searches with this sort of alert; return how many mails.

    A mail server that fails is logged, and the mail sent another time.
    """
    sent = 0
    for saved_id in waiting_to_be_mailed(alert):
        try:
            sent += saving.mail(
                saved_id=saved_id, alert=alert, now=now, send=partial(_send, saved_id)
            )
        except (SMTPException, OSError):
            logger.exception("an alert could not be mailed")
    return sent


def _send(saved_id: int, told: Sequence[tuple[int, str]]) -> bool:
    """Mail the records that the person may see now; False if there is none."""
    saved = saved_by_id(saved_id)
    there = _cards([record_id for _, record_id in told], saved.viewer)
    shown = [there[record_id] for _, record_id in told if record_id in there]
    if shown:
        _message(saved, shown, told).send()
    return bool(shown)


def _message(
    saved: SavedView, shown: Sequence[RecordOf], told: Sequence[tuple[int, str]]
) -> EmailMessage:
    with translation.override(by_tag(saved.viewer.languages[0]).django_code):
        stop = _page("saved-search-stop", saved.token("stop"))
        context = {
            "question": saved.question,
            "records": [(card, _page(_page_name(card), card.id)) for card in shown[:IN_A_MAIL]],
            "total": len(shown),
            "more": max(0, len(shown) - IN_A_MAIL),
            "search_url": _page("search") + search_query(saved),
            "searches_url": _page("saved-searches"),
            "stop_url": stop,
            "node_name": settings.NODE_NAME,
        }
        subject = render_to_string("mail/alert_subject.txt", context)
        body = render_to_string("mail/alert.txt", context)
    numbers = ",".join(str(number) for number, _ in told)
    name = hashlib.sha256(f"{saved.id}:{numbers}".encode()).hexdigest()[:32]
    return EmailMessage(
        " ".join(subject.split()),
        body,
        settings.DEFAULT_FROM_EMAIL,
        [saved.email],
        headers={
            # RFC 8058: the reader's mail program stops the mails by one POST, without a sign-in.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<alert-{name}@{settings.NODE_NAME}>",
        },
    )


def new_for(saved: SavedView, *, language: str, limit: int) -> list[RecordOf]:
    """What was new for a saved search and its person may see now, the newest first.

    In the texts in `language` where there are such, else in the person's languages.
    """
    noted = matches(saved.id, limit=limit)
    viewer = replace(saved.viewer, languages=(language, *saved.viewer.languages))
    there = _cards([record_id for record_id, _ in noted], viewer) if noted else {}
    return [there[record_id] for record_id, _ in noted if record_id in there]


def _cards(record_ids: Sequence[str], viewer: Viewer) -> dict[str, RecordOf]:
    """An id is of one record, of whatever kind."""
    return {**practices_by_id(record_ids, viewer), **courses_by_id(record_ids, viewer)}


def _page_name(card: RecordOf) -> str:
    return PAGES[COURSE if isinstance(card, CourseCard) else PRACTICE]


def search_query(saved: SavedView) -> str:
    """What follows the address of the search page to ask this search."""
    asked: list[tuple[str, str | int]] = [("q", saved.question)] if saved.question else []
    for name, facet in PARAMETERS.items():
        asked += [(name, value) for value in saved.filters.values(facet)]
    return "?" + urlencode(asked)


PARAMETERS = {
    "kind": "kinds",
    "theme": "themes",
    "country": "countries",
    "institution": "institutions",
    "level": "levels",
    "language": "languages",
    "year": "years",
}
"""Parameter of the search page's address -> facet of search; in the order shown."""


def _page(name: str, *arguments: str) -> str:
    return urljoin(settings.NODE_ADDRESS, reverse(name, args=arguments))
