"""Transcripts: how a person's courses at another node ended comes home, also without a certificate.

The home asks, and only while its person wants it; what that node reports now is what stands here.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings

from chorsu.exchange import keys
from chorsu.exchange.client import PeerClient
from chorsu.flows import peering
from chorsu.flows.peering import SignedRequest
from chorsu.institutions.connections import ConnectionView
from chorsu.institutions.origins import require_host
from chorsu.records.reading import Refused
from chorsu.training.actions.reporting import SignedLine, take_transcript
from chorsu.training.queries.transcripts import to_report
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.note import MAX_NOTE_BYTES
from chorsu.wire.transcript import (
    AT_ONCE,
    MAX_LINES,
    TRANSCRIPT_PATH,
    Line,
    Question,
    Transcript,
    open_transcript,
    parse_question,
)

JSON = "application/json"


def receive(request: SignedRequest, now: datetime) -> bytes:
    """A peer asks how the courses of one of its people ended here: a portion, signed.

    Who is no guest of that peer here, or was forgotten, took part in none. Raises `WireError`.
    """
    home = peering.authenticate(request, now)
    asked = parse_question(request.body)
    lines = to_report(home=home, subject=asked.subject, after=asked.after, most=AT_ONCE)
    return Transcript(home, asked, now, tuple(lines)).to_bytes(keys.signing_key())


def read(*, connection: ConnectionView, key: VerifyKey, client: PeerClient, now: datetime) -> int:
    """Ask for the whole transcript of one person and have it stand here; how many lines changed.

    Raises `PeerTrouble` (`peer-lacks`: a node of older software) or `WireError`; then what stood
    here stands.
    """
    found: list[SignedLine] = []
    after = ""
    for _portion in range(MAX_LINES // AT_ONCE):
        question = Question(connection.subject, secrets.token_hex(16), after)
        note = client.ask(
            TRANSCRIPT_PATH, question.to_bytes(), max_bytes=MAX_NOTE_BYTES, media_type=JSON
        )
        told = open_transcript(note, key)
        if (told.home, told.question) != (settings.NODE_NAME, question):
            raise WireError("identity-malformed", "the transcript answers another question")
        found += [
            SignedLine(line, note) for line in told.lines if _is_hosted(line, connection.node)
        ]
        if len(told.lines) < AT_ONCE:
            break
        after = told.lines[-1].id
    return take_transcript(connection_id=connection.id, found=found, now=now)


def _is_hosted(line: Line, node: str) -> bool:
    """Whether a node may speak for the institution; a line of another's is as if it were not."""
    try:
        require_host(line.institution, node)
    except Refused:
        return False
    return True
