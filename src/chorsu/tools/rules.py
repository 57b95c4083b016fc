"""What LTI 1.3 and its services say, as values. Pure: no framework, no input or output.

Sources: LTI Core 1.3, Assignment and Grade Services 2.0, Names and Role Provisioning Services
2.0, IMS Security Framework 1.0 (1EdTech).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from urllib.parse import urlsplit

MAX_URL = 500
MAX_TEXT = 255  # of a nonce, a state, an id
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/"
_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LEARNER = f"{_MEMBERSHIP}Learner"
INSTRUCTOR = f"{_MEMBERSHIP}Instructor"
AUTHOR = f"{_MEMBERSHIP}ContentDeveloper"
ADMINISTRATOR = f"{_MEMBERSHIP}Administrator"
SECTION, TEMPLATE = (
    f"http://purl.imsglobal.org/vocab/lis/v2/course#Course{one}" for one in ("Section", "Template")
)
"""Kinds of context: a cohort; a course that is being written."""
LINE_ITEMS = f"{AGS}scope/lineitem"
"""To make columns, which this node asks of learning systems and gives to no tool."""
LINE_ITEM = f"{AGS}scope/lineitem.readonly"
RESULT = f"{AGS}scope/result.readonly"
SCORE = f"{AGS}scope/score"
MEMBERS = f"{NRPS}scope/contextmembership.readonly"
GRADE_SCOPES = (LINE_ITEM, RESULT, SCORE)
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CENT = Decimal("0.01")
_UNTIL_GRADED = ("NotReady", "Failed", "Pending", "PendingManual")
_ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")


class LtiRefused(Exception):  # noqa: N818 - says what is wrong
    """A message that is not taken; `code` is OAuth 2.0's or OpenID Connect's word for it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class ToolView:
    """A registered tool; `choose_url` empty: nothing is chosen in it."""

    id: int
    client_id: str
    deployment: str
    name: str
    address: str
    login_url: str
    redirect_urls: Sequence[str]
    keys_url: str
    choose_url: str
    names: bool
    grades: bool
    members: bool
    active: bool

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the registration lets it ask for."""
        return (*(GRADE_SCOPES if self.grades else ()), *((MEMBERS,) if self.members else ()))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a tool is launched from: ids that are stable, and titles in the course's words.

    `context` is a cohort's or a draft's id, `kind` one of `SECTION` and `TEMPLATE`.
    """

    context: str
    kind: str
    course_title: str
    unit: str
    unit_title: str
    language: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score as a tool gives it; `percent` None: it takes its score back."""

    user: str
    percent: Decimal | None
    comment: str
    at: datetime
    counts: bool


def is_tool_url(text: str, most: int = MAX_URL) -> bool:
    """Whether this is an address that a tool can have: https, or http on this very machine."""
    if len(text) > most or re.search(r"[\s\\<>\"]|[^\x21-\x7e]", text):
        return False
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    host = parts.hostname or ""
    usable = bool(host) and "@" not in parts.netloc and not parts.fragment and port_is_fine
    return usable and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def covers(address: str, url: str) -> bool:
    """Whether an address of a unit is one of the tool at `address`: the same place, or below it."""
    tool, unit = urlsplit(address), urlsplit(url)
    if (tool.scheme, tool.netloc) != (unit.scheme, unit.netloc):
        return False
    path = tool.path.rstrip("/")
    return unit.path == tool.path or unit.path == path or unit.path.startswith(f"{path}/")


def pairwise(secret: bytes, client_id: str, person_id: int) -> str:
    """A person's id for one tool: two tools cannot tell that they speak of one person."""
    said = f"lti {client_id} {person_id}".encode()
    return hmac.new(secret, said, hashlib.sha256).hexdigest()[:40]


def launch_claims(
    tool: ToolView,
    *,
    issuer: str,
    user: str,
    name: str,
    roles: Sequence[str],
    place: Placement,
    url: str,
    services: Mapping[str, str],
    custom: Mapping[str, str],
    nonce: str,
    now: datetime,
) -> dict[str, object]:
    """The claims of a resource launch (LTI Core 5.3); valid for a minute.

    `services`: addresses of "lineitem", "lineitems" and "members", where there are learners, and
    of "return". `custom`: what the tool itself gave with the unit, repeated. A name is told only if
    the registration says so.
    """
    claims = message_claims(
        tool, "LtiResourceLinkRequest", issuer=issuer, user=user, name=name, roles=roles,
        place=place, url=url, return_url=services["return"], nonce=nonce, now=now,
    )  # fmt: skip
    claims[f"{CLAIM}resource_link"] = {
        "id": f"{place.context}/{place.unit}",
        "title": place.unit_title,
    }
    if custom:
        claims[f"{CLAIM}custom"] = dict(custom)
    if tool.grades and "lineitems" in services:
        claims[f"{AGS}claim/endpoint"] = {
            "scope": list(GRADE_SCOPES),
            "lineitems": services["lineitems"],
            "lineitem": services["lineitem"],
        }
    if tool.members and "members" in services:
        claims[f"{NRPS}claim/namesroleservice"] = {
            "context_memberships_url": services["members"],
            "service_versions": ["2.0"],
        }
    return claims


def message_claims(
    tool: ToolView,
    message_type: str,
    *,
    issuer: str,
    user: str,
    name: str,
    roles: Sequence[str],
    place: Placement,
    url: str,
    return_url: str,
    nonce: str,
    now: datetime,
) -> dict[str, object]:
    """What every message to a tool says; valid for a minute."""
    at = int(now.timestamp())
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": user,
        "aud": tool.client_id,
        "azp": tool.client_id,
        "iat": at,
        "exp": at + 60,
        "nonce": nonce,
        f"{CLAIM}message_type": message_type,
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": tool.deployment,
        f"{CLAIM}target_link_uri": url,
        f"{CLAIM}roles": list(roles),
        f"{CLAIM}context": {
            "id": place.context,
            "title": place.course_title,
            "type": [place.kind],
        },
        f"{CLAIM}launch_presentation": {
            "document_target": "window",
            "locale": place.language,
            "return_url": return_url,
        },
        f"{CLAIM}tool_platform": {"guid": issuer, "product_family_code": "chorsu"},
    }
    return {**claims, "name": name} if tool.names else claims


def parse_score(raw: object) -> Score:
    """A score as posted (AGS 2.0, Score publish service). Raises `LtiRefused`."""
    if not isinstance(raw, dict):
        raise LtiRefused("invalid_request", "no object")
    user, grading, activity = (
        _text(raw, name) for name in ("userId", "gradingProgress", "activityProgress")
    )
    if grading not in ("FullyGraded", *_UNTIL_GRADED) or activity not in _ACTIVITY:
        raise LtiRefused("invalid_request", "gradingProgress or activityProgress")
    try:
        at = datetime.fromisoformat(_text(raw, "timestamp"))
    except ValueError:
        raise LtiRefused("invalid_request", "timestamp") from None
    if at.tzinfo is None:
        raise LtiRefused("invalid_request", "timestamp without a zone")
    comment = raw.get("comment", "")
    if not isinstance(comment, str):
        raise LtiRefused("invalid_request", "comment")
    return Score(user, _percent(raw), comment, at, grading == "FullyGraded")


def _percent(raw: Mapping[str, object]) -> Decimal | None:
    """Of `scoreGiven` and `scoreMaximum`; more than the maximum is allowed there and is 100 here.

    None if no score is given.
    """
    given, most = raw.get("scoreGiven"), raw.get("scoreMaximum")
    if given is None:
        return None
    try:
        points, limit = (_number(one) for one in (given, most))
    except (InvalidOperation, ValueError):
        raise LtiRefused("invalid_request", "scoreGiven or scoreMaximum") from None
    if points < 0 or limit <= 0:
        raise LtiRefused("invalid_request", "scoreGiven or scoreMaximum")
    return min(Decimal(100), points * 100 / limit).quantize(_CENT, rounding=ROUND_HALF_UP)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(repr(value))
    found = Decimal(str(value))
    if not found.is_finite() or found > Decimal(10) ** 9:
        raise ValueError(repr(value))
    return found


def _text(raw: Mapping[str, object], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise LtiRefused("invalid_request", name)
    return value
