"""A learner opens an external tool by LTI 1.3, and the tool gives a score back.

The way of a launch: a page of this node (`begin`) sends the browser to the tool's login
initiation, the tool sends it to `launch`, and that hands the tool a signed token. The tool's own
server then asks `grant` for an access token, and with that the services below.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

from chorsu.flows.jwks import checked_by_keys
from chorsu.institutions.models import Person
from chorsu.tools import actions, queries
from chorsu.tools.keys import own_pem
from chorsu.tools.queries import NoSuchTool
from chorsu.tools.rules import (
    ASSERTION,
    LEARNER,
    MAX_TEXT,
    LtiRefused,
    Placement,
    ToolView,
    launch_claims,
    pairwise,
    parse_score,
)
from chorsu.tools.tokens import LONGEST_S, SKEW_S, sign, verified
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.outside import take_score
from chorsu.training.queries import learning, outside
from chorsu.training.queries.learning import CourseInHand, LearnerView, NotEnrolled, NothingToTeach
from chorsu.training.rules.outline import PlacedUnit, find_unit, placed

HINT_S = 600
"""For which a launch may be under way between this node and the tool."""
ACCESS_S = 3600
MAX_SCORE_BYTES = 64 * 1024
_HINT, _ACCESS = "chorsu.lti.hint", "chorsu.lti.access"


@dataclass(frozen=True, slots=True)
class Launch:
    """What the browser carries to the tool, by POST."""

    tool: str
    redirect_url: str
    id_token: str
    state: str


def address(path: str) -> str:
    """A full address of this node."""
    return f"{settings.NODE_ADDRESS}{path}"


def begin(*, tool: ToolView, learner: LearnerView, one: PlacedUnit) -> str:
    """Where a browser goes to open the tool: the tool's login initiation (LTI Core 5.1.1.1).

    The hint is signed and can be read: it holds nothing that the tool is not told anyway.
    """
    user = pairwise(_secret(), tool.client_id, learner.person_id)
    hint = {"c": str(learner.cohort_id), "u": one.key, "t": tool.id, "p": user}
    query = {
        "iss": settings.NODE_ADDRESS,
        "target_link_uri": one.unit["tool"],
        "login_hint": user,
        "lti_message_hint": signing.dumps(hint, salt=_HINT, compress=True),
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment,
    }
    joint = "&" if "?" in tool.login_url else "?"
    return f"{tool.login_url}{joint}{urlencode(query)}"


def launch(
    *, asked: Mapping[str, str], person: Person, languages: Sequence[str], now: datetime
) -> Launch:
    """Answer a tool's authentication request (LTI Core 5.1.1.2) for the person signed in.

    Raises `LtiRefused`. A nonce is taken once.
    """
    try:
        tool = queries.tool_by_client(asked.get("client_id", ""))
    except NoSuchTool as error:
        raise LtiRefused("unauthorized_client", "client_id") from error
    redirect_url = asked.get("redirect_uri", "")
    if redirect_url not in tool.redirect_urls:
        raise LtiRefused("invalid_request", "redirect_uri is not registered")
    wanted = {
        "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
    }  # fmt: skip
    for name, value in wanted.items():
        if asked.get(name) != value:
            raise LtiRefused("invalid_request", name)
    if "openid" not in asked.get("scope", "").split():
        raise LtiRefused("invalid_scope", "scope")
    nonce, state = asked.get("nonce", ""), asked.get("state", "")
    if not 0 < len(nonce) <= MAX_TEXT or len(state) > 4 * MAX_TEXT:
        raise LtiRefused("invalid_request", "nonce or state")
    user = pairwise(_secret(), tool.client_id, person.pk)
    if asked.get("login_hint") != user:
        raise LtiRefused("login_required", "login_hint is of somebody else")
    hint = asked.get("lti_message_hint", "")
    learner, one, course = _hinted(hint, tool, person, user, languages)
    actions.spend(tool_id=tool.id, kind="nonce", value=nonce, until=now + timedelta(seconds=HINT_S))
    claims = launch_claims(
        tool,
        issuer=settings.NODE_ADDRESS,
        user=user,
        name=person.name,
        place=Placement(
            cohort=str(learner.cohort_id),
            course_title=course.word("title")[0],
            unit=one.key,
            unit_title=course.word(f"units.{one.key}.title")[0],
            language=languages[0],
        ),
        url=one.unit["tool"],
        services=_services(learner, one),
        nonce=nonce,
        now=now,
    )
    return Launch(tool.name, redirect_url, sign(claims, own_pem()), state)


def _hinted(
    hint: str, tool: ToolView, person: Person, user: str, languages: Sequence[str]
) -> tuple[LearnerView, PlacedUnit, CourseInHand]:
    """Who opens what, as `begin` signed it; all of it is looked up again."""
    try:
        told = signing.loads(hint, salt=_HINT, max_age=HINT_S)
    except signing.BadSignature as error:
        raise LtiRefused("invalid_request", "lti_message_hint") from error
    if told["t"] != tool.id or told["p"] != user:
        raise LtiRefused("login_required", "lti_message_hint is of somebody else")
    try:
        learner = learning.learner_in(uuid.UUID(told["c"]), person.pk)
        course = learning.course_in_hand(learner, languages)
    except (NotEnrolled, NothingToTeach) as error:
        raise LtiRefused("access_denied", "no such course") from error
    one = find_unit(placed(course.facts), told["u"])
    if one is None or not _is_of(tool, one):
        raise LtiRefused("access_denied", "no such unit")
    return learner, one, course


def _services(learner: LearnerView, one: PlacedUnit) -> dict[str, str]:
    items = address(f"/lti/cohorts/{learner.cohort_id}/lineitems")
    return {
        "lineitems": items,
        "lineitem": f"{items}/{one.key}",
        "members": address(f"/lti/cohorts/{learner.cohort_id}/members"),
        "return": address("/"),
    }


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
        tool = queries.tool_by_client(_claimed_issuer(token))
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


def _claimed_issuer(token: str) -> str:
    """Who a token says that it is from, before anything of it is believed."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_SCORE_BYTES:
        raise LtiRefused("invalid_client", "no token")
    try:
        claims = json.loads(signing.b64_decode(parts[1].encode()))
    except (ValueError, UnicodeError, RecursionError) as error:
        raise LtiRefused("invalid_client", "no token") from error
    return str(claims.get("iss", "")) if isinstance(claims, dict) else ""


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
    found = [one for one in placed(course.facts) if _is_of(tool, one)]
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
        "scoreMaximum": 100,
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


def members(tool: ToolView, cohort_id: uuid.UUID) -> dict[str, object]:
    """Who learns in a cohort (NRPS 2.0), by name only if the registration says so."""
    line_items(tool, cohort_id)  # refused where the tool has no unit
    rows = []
    for one in outside.cohort_learners(cohort_id):
        row: dict[str, object] = {
            "user_id": pairwise(_secret(), tool.client_id, one.person_id),
            "roles": [LEARNER],
            "status": "Active" if one.open else "Inactive",
        }
        rows.append({**row, "name": one.name} if tool.names else row)
    return {
        "id": address(f"/lti/cohorts/{cohort_id}/members"),
        "context": {"id": str(cohort_id), "title": _course(cohort_id).word("title")[0]},
        "members": rows,
    }


def _course(cohort_id: uuid.UUID) -> CourseInHand:
    try:
        return learning.cohort_in_hand(cohort_id, [settings.NODE.text("node.language")])
    except NothingToTeach as error:
        raise LtiRefused("not_found", "no such cohort") from error


def _own_unit(tool: ToolView, cohort_id: uuid.UUID, unit: str) -> tuple[CourseInHand, PlacedUnit]:
    """A unit that is this tool's; of another's it is not even said that it is there."""
    course = _course(cohort_id)
    one = find_unit(placed(course.facts), unit)
    if one is None or not _is_of(tool, one):
        raise LtiRefused("not_found", "no such unit")
    return course, one


def _is_of(tool: ToolView, one: PlacedUnit) -> bool:
    """Whether a unit launches this tool."""
    if one.kind != "tool" or not one.unit["tool"]:
        return False
    nearest = queries.tool_for(one.unit["tool"])
    return nearest is not None and nearest.id == tool.id


def _secret() -> bytes:
    return settings.SECRET_KEY.encode()
