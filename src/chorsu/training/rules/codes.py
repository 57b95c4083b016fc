"""The code on the screen by which learners say that they are here: six digits, new every minute.

As a one-time password by time (RFC 6238) with a step of a minute, made of the node's secret and
the session's id: nothing is stored, nobody learns it from the database. Pure.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from unicodedata import normalize

STEP_SECONDS = 60
DIGITS = 6
SHOWN_FOR = timedelta(minutes=15)
"""So long a code is taken after the teacher opened the screen; opening it again prolongs it."""
MOST_WRONG = 10
"""Wrong codes of one learner in one session, after which only the list helps."""


def code_at(secret: bytes, session_id: str, moment: datetime) -> str:
    """The six digits for a session in the minute of that moment."""
    return _code(secret, session_id, int(moment.timestamp()) // STEP_SECONDS)


def is_code(typed: str, secret: bytes, session_id: str, moment: datetime) -> bool:
    """Whether this is the code of this minute or of the one before, for those who type slowly."""
    # A Chinese keyboard types digits of full width too.
    plain = normalize("NFKC", typed)
    digits = "".join(char for char in plain if char.isdigit() and char.isascii())
    step = int(moment.timestamp()) // STEP_SECONDS
    good = [hmac.compare_digest(digits, _code(secret, session_id, one)) for one in (step, step - 1)]
    return any(good)


def _code(secret: bytes, session_id: str, step: int) -> str:
    digest = hmac.new(secret, f"{session_id}:{step}".encode(), sha256).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)
