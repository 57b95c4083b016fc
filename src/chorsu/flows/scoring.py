"""Results go back to the learning systems that guests came from (LTI AGS 2.0).

A result that moves is noted beside the line of the gradebook it belongs in (`note_results`), and
sent from there until it has been taken (`send_due`): the newest and no other, and the same twice
does no harm.
"""

from __future__ import annotations

import json
import logging
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.core.cache import cache

from chorsu.exchange import keys as exchange_keys
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.tools.actions import scores
from chorsu.tools.actions.platforms import digest
from chorsu.tools.actions.scores import Line, ScoreNotTaken, note_percents, send_one
from chorsu.tools.claims import PlatformView, score_body, token_claims
from chorsu.tools.keys import own_pem
from chorsu.tools.queries import platforms as queries
from chorsu.tools.rules import ASSERTION, SCORE
from chorsu.tools.tokens import sign
from chorsu.training.queries.scores import enrolled, results

logger = logging.getLogger(__name__)
AT_ONCE = 100
MAX_ANSWER = 64 * 1024
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
FORM = "application/x-www-form-urlencoded"
TOKEN_LEFT_S = 60
"""Before its end a token is not used any more."""
TOKEN_KEPT_S = 3600
"""The longest for which one is used, however long it is said to last."""
SILENT_S = 60
"""For which an address where nobody answers is not asked again."""
UNANSWERED = ("timeout", "unreachable")


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
    # A platform may call this node what it likes; a name in the cache has no spaces and is short.
    name = f"lti-access-{line.platform.id}-{digest(line.platform.client_id)}"
    token = cache.get(name)
    if token is None:
        token, lasts = _access(line.platform, now)
        cache.set(name, token, lasts)
    base, mark, query = line.line_item.partition("?")
    heads = {"Authorization": f"Bearer {token}", "Content-Type": SCORE_TYPE}
    body = json.dumps(score_body(line.user, line.percent, now)).encode()
    try:
        _post(f"{base}/scores{mark}{query}", body, heads)
    except PeerTrouble as trouble:
        if trouble.code not in UNANSWERED:
            # It may be the token that is no longer good: the next try asks for another.
            cache.delete(name)
        raise _not_taken(line.platform, trouble, trouble.code) from trouble


def _access(platform: PlatformView, now: datetime) -> tuple[str, int]:
    """An access token and for how many seconds it is used. Raises `ScoreNotTaken`."""
    claims = token_claims(platform, token_id=secrets.token_urlsafe(24), now=now)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": sign(claims, own_pem()),
        "scope": SCORE,
    }
    heads = {"Content-Type": FORM, "Accept": "application/json"}
    try:
        found = json.loads(_post(platform.token_url, urlencode(form).encode("ascii"), heads))
    except PeerTrouble as trouble:
        raise _not_taken(platform, trouble, "no-access") from trouble
    except (ValueError, RecursionError) as error:
        raise ScoreNotTaken("no-access") from error
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise ScoreNotTaken("no-access")
    lasts = found.get("expires_in")
    return token, min(max(0, lasts - TOKEN_LEFT_S), TOKEN_KEPT_S) if isinstance(lasts, int) else 0


def _not_taken(platform: PlatformView, trouble: PeerTrouble, code: str) -> ScoreNotTaken:
    # Without the line's address: a log is read by more people than the database.
    logger.warning("%s has not taken a score: %s", platform.issuer, trouble.code)
    reached = trouble.code not in ("timeout", "unreachable", "private-address")
    return ScoreNotTaken(code if reached else trouble.code)


def _post(url: str, body: bytes, heads: Mapping[str, str]) -> bytes:
    """The connection goes to the address that was checked: see `exchange.client`.

    A server that does not answer holds one score up, and not each that is to go there: else those
    for other learning systems would wait behind them.
    """
    base, mark, query = url.partition("?")
    silent = f"lti-silent-{digest(urlsplit(url).netloc)}"
    code = cache.get(silent)
    if code is not None:
        raise PeerTrouble(code, "asked a moment ago")
    try:
        with PeerClient(base, key=exchange_keys.signing_key()) as client:
            return client.send(f"{mark}{query}", body, headers=heads, max_bytes=MAX_ANSWER)
    except PeerTrouble as trouble:
        if trouble.code in UNANSWERED:
            cache.set(silent, trouble.code, SILENT_S)
        raise
