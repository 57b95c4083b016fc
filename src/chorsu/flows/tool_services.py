"""A tool's own server asks this node by LTI's services: for an access token, and with it for line
items, results and members; and it gives scores.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast

from django.conf import settings
from django.core import signing

from chorsu.flows.jwks import checked_by_keys, claimed_issuer
from chorsu.flows.launching import address, is_of
from chorsu.tools import actions, queries
from chorsu.tools.queries import NoSuchTool
from chorsu.tools.rules import (
    ASSERTION,
    INSTRUCTOR,
    LEARNER,
    LtiRefused,
    ToolView,
    pairwise,
    parse_score,
)
from chorsu.tools.tokens import LONGEST_S, SKEW_S, verified
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.outside import take_score
from chorsu.training.queries import learning, outside
from chorsu.training.queries.learning import CourseInHand, NothingToTeach
from chorsu.training.queries.outside import CohortMember
from chorsu.training.rules.outline import PlacedUnit, find_unit, placed

ACCESS_S = 3600
MAX_SCORE_BYTES = 64 * 1024
MEMBERS_A_PAGE = 200
_ACCESS = "chorsu.lti.access"


def grant(*, form: Mapping[str, str], now: datetime) -> dict[str, object]:
    """An access token for a tool's server (IMS Security Framework 4.1). Raises `LtiRefused`.

    A tool's own token is taken once. Scopes that its registration does not have are left out.
    """
    if form.get("grant_type") != "client_credentials":
        raise LtiRefused("unsupported_grant_type", "grant_type")
    if form.get("client_assertion_type") != ASSERTION:
        raise LtiRefused("invalid_request", "client_assertion_type")
    token = form.get("client_assertion", "")
    try:
        tool = queries.tool_by_client(claimed_issuer(token, "invalid_client"))
    except NoSuchTool as error:
        raise LtiRefused("invalid_client", "iss") from error
    claims = _verified(tool, token, now)
    # Of a clock that is ahead: begun later, and taken for a while after its end.
    until = now + timedelta(seconds=LONGEST_S + 2 * SKEW_S)
    actions.spend(tool_id=tool.id, kind="token", value=str(claims["jti"]), until=until)
    scopes = [one for one in form.get("scope", "").split() if one in tool.scopes]
    if not scopes:
        raise LtiRefused("invalid_scope", "nothing of it is allowed")
    access = signing.dumps({"c": tool.client_id, "s": scopes}, salt=_ACCESS, compress=True)
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_S,
        "scope": " ".join(scopes),
    }


def _verified(tool: ToolView, token: str, now: datetime) -> dict[str, object]:
    audiences = {address("/lti/token"), settings.NODE_ADDRESS}
    return checked_by_keys(
        tool.keys_url,
        lambda keys: verified(token, keys, issuer=tool.client_id, audiences=audiences, now=now),
        code="invalid_client",
        now=now,
    )


def bearer(header: str, scope: str) -> ToolView:
    """The tool that asks with an access token for this scope. Raises `LtiRefused`."""
    kind, _space, token = header.partition(" ")
    try:
        if kind.lower() != "bearer":
            raise LtiRefused("invalid_token", "no access token")
        told = signing.loads(token, salt=_ACCESS, max_age=ACCESS_S)
        tool = queries.tool_by_client(told["c"])
    except (signing.BadSignature, NoSuchTool) as error:
        raise LtiRefused("invalid_token", "access token") from error
    if scope not in told["s"] or scope not in tool.scopes:
        raise LtiRefused("insufficient_scope", scope)
    return tool


def line_items(tool: ToolView, cohort_id: uuid.UUID) -> list[dict[str, object]]:
    """The units of a cohort that are this tool's, as AGS names them. Raises `LtiRefused`."""
    course = _course(cohort_id)
    found = [one for one in placed(course.facts) if is_of(tool, one)]
    if not found:
        raise LtiRefused("not_found", "no unit of this tool")
    return [_line_item(course, cohort_id, one) for one in found]


def line_item(tool: ToolView, cohort_id: uuid.UUID, unit: str) -> dict[str, object]:
    """One unit as AGS names it. Raises `LtiRefused`."""
    course, one = _own_unit(tool, cohort_id, unit)
    return _line_item(course, cohort_id, one)


def _line_item(course: CourseInHand, cohort_id: uuid.UUID, one: PlacedUnit) -> dict[str, object]:
    return {
        "id": address(f"/lti/cohorts/{cohort_id}/lineitems/{one.key}"),
        "scoreMaximum": one.unit.get("points", 100),
        "label": course.word(f"units.{one.key}.title")[0],
        "resourceLinkId": f"{cohort_id}/{one.key}",
    }


def results(
    tool: ToolView, cohort_id: uuid.UUID, unit: str, user: str = ""
) -> list[dict[str, object]]:
    """The scores of a unit, of one user or of all. Raises `LtiRefused`."""
    _own_unit(tool, cohort_id, unit)
    percents = outside.outside_percents(cohort_id, unit)
    item = address(f"/lti/cohorts/{cohort_id}/lineitems/{unit}")
    found = []
    for one in outside.cohort_learners(cohort_id):
        name = pairwise(_secret(), tool.client_id, one.person_id)
        if one.id in percents and user in ("", name):
            percent, comment = percents[one.id]
            row: dict[str, object] = {
                "id": f"{item}/results?user_id={name}", "scoreOf": item, "userId": name,
                "resultScore": float(percent), "resultMaximum": 100,
            }  # fmt: skip
            found.append({**row, "comment": comment} if comment else row)
    return found


def score(*, tool: ToolView, cohort_id: uuid.UUID, unit: str, raw: object, now: datetime) -> bool:
    """Take a score into the results of a unit; False if a newer one is there.

    What is not fully graded is heard and changes nothing. Raises `LtiRefused`.
    """
    given = parse_score(raw)
    _own_unit(tool, cohort_id, unit)
    if given.at > now + timedelta(seconds=SKEW_S):
        raise LtiRefused("invalid_request", "timestamp lies ahead")
    for one in outside.cohort_learners(cohort_id):
        if pairwise(_secret(), tool.client_id, one.person_id) == given.user:
            if not given.counts:
                return True
            return _take(one.id, unit, given.percent, given.comment, given.at, now)
    raise LtiRefused("not_found", "no such user in this cohort")


def _take(
    enrolment_id: uuid.UUID, unit: str, percent: Decimal | None, comment: str, at: datetime,
    now: datetime,
) -> bool:  # fmt: skip
    try:
        return take_score(
            enrolment_id=enrolment_id, unit=unit, percent=percent, comment=comment, scored_at=at,
            now=now,
        )  # fmt: skip
    except CourseClosed as error:
        raise LtiRefused("access_denied", "the learner has the result of this course") from error


def members(
    tool: ToolView, cohort_id: uuid.UUID, *, role: str = "", start: int = 0, limit: int = 0
) -> tuple[dict[str, object], int | None]:
    """Who is in a cohort (NRPS 2.0): its teachers, then its learners; and where the next page
    begins, if there is one.

    Names are told only if the registration says so, and never those of guests: they agreed that
    this node knows theirs. `role` is an address or the short name of one; `limit` 0: as many as a
    page holds. Raises `LtiRefused`.
    """
    line_items(tool, cohort_id)  # refused where the tool has no unit
    wanted = role.rpartition("#")[2] if role.startswith(LEARNER.partition("#")[0]) else role
    rows: dict[int, dict[str, object]] = {}
    for one in outside.cohort_teachers(cohort_id):
        rows[one.person_id] = _member(tool, one, [INSTRUCTOR])
    for one in outside.cohort_learners(cohort_id):
        # Somebody who teaches a cohort and learns in it is one member with two roles.
        known = rows.get(one.person_id)
        roles = [*cast("list[str]", known["roles"]), LEARNER] if known else [LEARNER]
        rows[one.person_id] = _member(tool, one, roles)
    found = [row for row in rows.values() if not wanted or _has_role(row, wanted)]
    size = min(limit, MEMBERS_A_PAGE) if limit > 0 else MEMBERS_A_PAGE
    last = start + size
    told: dict[str, object] = {
        "id": address(f"/lti/cohorts/{cohort_id}/members"),
        "context": {"id": str(cohort_id), "title": _course(cohort_id).word("title")[0]},
        "members": found[start:last],
    }
    return told, last if last < len(found) else None


def _has_role(row: Mapping[str, object], wanted: str) -> bool:
    return any(role.endswith(f"#{wanted}") for role in cast("list[str]", row["roles"]))


def _member(tool: ToolView, one: CohortMember, roles: list[str]) -> dict[str, object]:
    row: dict[str, object] = {
        "user_id": pairwise(_secret(), tool.client_id, one.person_id),
        "roles": roles,
        "status": "Active" if one.open else "Inactive",
    }
    return {**row, "name": one.name} if tool.names and not one.guest else row


def _course(cohort_id: uuid.UUID) -> CourseInHand:
    try:
        return learning.cohort_in_hand(cohort_id, [settings.NODE.text("node.language")])
    except NothingToTeach as error:
        raise LtiRefused("not_found", "no such cohort") from error


def _own_unit(tool: ToolView, cohort_id: uuid.UUID, unit: str) -> tuple[CourseInHand, PlacedUnit]:
    """A unit that is this tool's; of another's it is not even said that it is there."""
    course = _course(cohort_id)
    one = find_unit(placed(course.facts), unit)
    if one is None or not is_of(tool, one):
        raise LtiRefused("not_found", "no such unit")
    return course, one


def _secret() -> bytes:
    return settings.SECRET_KEY.encode()
