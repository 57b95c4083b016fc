"""A learning record store is told what learners do, by xAPI; no learner ever waits for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import keys as exchange_keys
from chorsu.exchange.client import MAX_ANSWER_BYTES, PeerClient, PeerTrouble
from chorsu.training.actions.telling import is_told, put_off, told
from chorsu.training.queries.telling import StatementView, untold

logger = logging.getLogger(__name__)
VERSION = "1.0.3"
VERBS = "http://adlnet.gov/expapi/verbs/"
ACTIVITIES = "http://adlnet.gov/expapi/activities/"
AT_ONCE = 50
TIMEOUT_S = 20
TAKEN = (200, 204)
THERE_ALREADY = 409
"""The store has a statement of this id: an answer was lost on the way."""
OF_ONE = (400, 409, 413)
"""Answers that may be about one statement of many."""


def tell_some(*, now: datetime) -> int:
    """Send what is due, up to `AT_ONCE` statements; how many the store has now."""
    if not is_told():
        return 0
    with transaction.atomic():
        rows = untold(now=now, limit=AT_ONCE)
        taken = _taken(rows) if rows else []
        told(ids=[row.id for row in taken])
        put_off(ids=[row.id for row in rows if row not in taken], now=now)
    return len(taken)


def _taken(rows: list[StatementView]) -> list[StatementView]:
    """Send them together; if one may be why they are refused, each by itself."""
    status = _send(rows)
    if status in TAKEN:
        return rows
    if status not in OF_ONE:
        return []
    return [row for row in rows if _send([row]) in (*TAKEN, THERE_ALREADY)]


def _send(rows: list[StatementView]) -> int:
    """The status of the store's answer; 0 if there is none, or none that can be used."""
    node = settings.NODE
    heads = {"X-Experience-API-Version": VERSION}
    try:
        if name := node.text("training.xapi_key_file"):
            key = (node.folder / name).read_text(encoding="utf-8").strip()
            heads["Authorization"] = f"Basic {base64.b64encode(key.encode()).decode()}"
        _post(node.text("training.xapi_url").rstrip("/"), rows, heads)
    except PeerTrouble as trouble:
        if trouble.status != THERE_ALREADY:
            # Without the address: the setting may hold what is nobody's business.
            logger.warning(
                "The learning record store has not taken it: %s %s", trouble.code, trouble.status
            )
        return trouble.status
    except (OSError, UnicodeError, exchange_keys.UnusableKey) as error:
        logger.warning("The learning record store is not told: %s", type(error).__name__)
        return 0
    return TAKEN[0]


def _post(url: str, rows: list[StatementView], heads: Mapping[str, str]) -> None:
    """Bounded in size and time as every question to a server outside: see `exchange.client`."""
    body = json.dumps([statement(row) for row in rows]).encode()
    key = exchange_keys.signing_key()
    with PeerClient(url, key=key, timeout_s=TIMEOUT_S, is_setting=True) as client:
        client.send("/statements", body, headers=heads, max_bytes=MAX_ANSWER_BYTES)


def statement(row: StatementView) -> dict[str, object]:
    """What a store is told of one thing; the learner by a name that only this node can resolve."""
    home = settings.NODE_ADDRESS
    course = f"{home}/courses/{row.course_id}"
    unit = f"{course}/units/{row.unit}"
    question = f"{unit}/questions/{row.item}"
    said: dict[str, object] = {
        "id": str(row.id),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": home, "name": _name(row.person_id)},
        },
        "verb": {"id": f"{VERBS}{row.verb}", "display": {"en": row.verb}},
        "object": _activity(question, "question") if row.item else _activity(unit, "module"),
        "context": {
            "platform": "Chorsu",
            "contextActivities": {
                "parent": [_activity(unit, "module") if row.item else _activity(course, "course")],
                "grouping": [
                    _activity(course, "course"),
                    _activity(f"{home}/cohorts/{row.cohort_id}", "meeting"),
                ],
            },
        },
        "timestamp": row.happened_at.isoformat(),
    }
    if row.percent is not None:
        said["result"] = {"score": {"scaled": float(row.percent / 100)}}
    elif row.verb == "completed":
        said["result"] = {"completion": True}
    return said


def _activity(address: str, kind: str) -> dict[str, object]:
    return {
        "objectType": "Activity",
        "id": address,
        "definition": {"type": f"{ACTIVITIES}{kind}"},
    }


def _name(person_id: int) -> str:
    said = f"xapi {person_id}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()[:40]
