"""Results go back to the learning systems that guests came from (LTI AGS 2.0).

A result that moves is noted beside the line of the gradebook it belongs in (`note_results`), and
sent from there until it has been taken (`send_due`): the newest and no other, and the same twice
does no harm.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings

from chorsu.flows.asking_platforms import NoAnswer, get, post
from chorsu.tools.actions import scores
from chorsu.tools.actions.scores import (
    Line,
    ScoreNotTaken,
    held_column,
    lose_column,
    note_percents,
    send_one,
)
from chorsu.tools.claims import ColumnView, found_column, new_column, score_body
from chorsu.tools.queries import platforms as queries
from chorsu.tools.rules import LINE_ITEMS, SCORE, LtiRefused
from chorsu.training.queries.learning import NothingToTeach, cohort_in_hand
from chorsu.training.queries.scores import enrolled, results

AT_ONCE = 100
GONE = (404, 410)
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
COLUMN_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
COLUMNS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"


def note_results(*, enrolment_id: uuid.UUID, now: datetime) -> int:
    """Have what a guest has now sent where that is new; how many scores are to be sent."""
    found = results(enrolment_id)
    if found is None:
        return 0
    return note_percents(
        person_id=found.person_id, cohort_id=found.cohort_id, percent_of=found.percent_of,
        ended=found.ended, now=now,
    )  # fmt: skip


def forget_lines() -> int:
    """Forget the lines of those whose place in the cohort was deleted after its time; how many."""
    gone = 0
    for cohort_id in queries.cohorts_with_lines():
        # In this order: a line is made together with the place, so of those read it is there.
        people = queries.people_of_lines(cohort_id)
        placed = enrolled(cohort_id)
        gone += scores.forget_lines(ids=[pk for pk, one in people.items() if one not in placed])
    return gone


def send_due(*, now: datetime) -> int:
    """Send what is due, up to `AT_ONCE`, each in a transaction of its own; how many were tried."""
    tried = 0
    while tried < AT_ONCE and send_one(send=lambda line: _send(line, now), now=now):
        tried += 1
    return tried


def _send(line: Line, now: datetime) -> None:
    """Raises `ScoreNotTaken`."""
    body = json.dumps(score_body(line.user, line.percent, now)).encode()
    try:
        address = line.line_item if line.column is None else _column(line, line.column, now)
        base, mark, query = address.partition("?")
        post(
            line.platform, f"{base}/scores{mark}{query}", body, scope=SCORE,
            content_type=SCORE_TYPE, now=now,
        )  # fmt: skip
    except NoAnswer as trouble:
        if line.column is not None and trouble.status in GONE:
            lose_column(column_id=line.column)
        raise ScoreNotTaken(trouble.code) from trouble


def _column(line: Line, column_id: int, now: datetime) -> str:
    """The address of a column of the node's own making, made now if it is not there.

    It is looked for first: of one whose answer was lost a second is not made. Raises `NoAnswer`.
    """
    with held_column(column_id) as column:
        if not column.line_item:
            base, mark, query = column.collection.partition("?")
            asked = urlencode({"resource_id": column.resource, "resource_link_id": column.link})
            joined = f"{base}?{query}&{asked}" if mark else f"{base}?{asked}"
            answer = get(line.platform, joined, scope=LINE_ITEMS, accept=COLUMNS_TYPE, now=now)
            found = _read(answer, column, many=True)
            if not found:
                body = json.dumps(new_column(column, _title(column))).encode()
                answer = post(
                    line.platform, column.collection, body, scope=LINE_ITEMS,
                    content_type=COLUMN_TYPE, now=now,
                )  # fmt: skip
                found = _read(answer, column, many=False)
            column.line_item = found
    return column.line_item


def _read(answer: bytes, column: ColumnView, *, many: bool) -> str:
    try:
        raw = json.loads(answer)
        return found_column(raw if many else [raw], column, one=not many)
    except (LtiRefused, ValueError, RecursionError) as error:
        raise NoAnswer("peer-error") from error


def _title(column: ColumnView) -> str:
    """Of the unit or the course, as teachers of the node's own language read it."""
    try:
        course = cohort_in_hand(column.cohort, [settings.NODE.text("node.language")])
    except NothingToTeach:
        return column.unit or str(column.cohort)
    return course.word(f"units.{column.unit}.title" if column.unit else "title")[0]
