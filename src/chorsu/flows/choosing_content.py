"""An author chooses in a tool what a unit of a course opens: LTI Deep Linking 2.0.

`launching` sends the author's browser to the tool with a signed question. The tool posts its signed
answer (`receive`), which is checked and kept; it becomes the unit's when the author has seen it and
says so on a page of this node. What a tool says changes no course by itself.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chorsu.flows.jwks import checked_by_keys, claimed_issuer
from chorsu.flows.launching import asked_for
from chorsu.institutions.models import Person
from chorsu.tools import actions, queries
from chorsu.tools.actions.content import keep_content
from chorsu.tools.content import parse_answer
from chorsu.tools.queries import NoSuchTool
from chorsu.tools.rules import LtiRefused
from chorsu.tools.tokens import LONGEST_S, SKEW_S, verified_answer

CHOOSING = timedelta(hours=4)
"""For which an author may choose in the tool: its own material may have to be made first."""
KEPT = timedelta(hours=1)
"""For which an answer waits for its author."""


def receive(*, token: str, now: datetime) -> tuple[uuid.UUID, str]:
    """Take a tool's answer, once; the id by which its author finds it, and the tag of the language
    that they read. Raises `LtiRefused`.
    """
    try:
        tool = queries.tool_by_client(claimed_issuer(token, "invalid_request"))
    except NoSuchTool as error:
        raise LtiRefused("invalid_request", "iss") from error
    claims = checked_by_keys(
        tool.keys_url,
        lambda keys: verified_answer(
            token, keys, issuer=tool.client_id, audience=settings.NODE_ADDRESS, now=now
        ),
        code="temporarily_unavailable",
        now=now,
    )
    answer = parse_answer(claims, tool)
    asked = asked_for(answer.data, CHOOSING)
    if asked.tool_id != tool.id:
        raise LtiRefused("access_denied", "data is of another tool")
    if not Person.objects.filter(pk=asked.person_id).exists():
        raise LtiRefused("access_denied", "data is of an account that was deleted")
    if answer.item is not None:
        nearest = queries.tool_for(answer.item.url)
        if nearest is None or nearest.id != tool.id:
            raise LtiRefused("access_denied", "content_items: url is not of this tool")
    with transaction.atomic():
        # As long as a token of a clock that is ahead is good, and the question itself.
        until = now + timedelta(seconds=LONGEST_S + 2 * SKEW_S)
        actions.spend(tool_id=tool.id, kind="answer", value=answer.nonce, until=until)
        actions.spend(tool_id=tool.id, kind="question", value=asked.id, until=now + CHOOSING)
        kept = keep_content(
            tool_id=tool.id, person_id=asked.person_id, draft_id=asked.draft_id, unit=asked.unit,
            answer=answer, until=now + KEPT,
        )  # fmt: skip
    return kept, asked.language
