"""What learning systems and this node, as their tool, say to each other by LTI 1.3, as values.

Pure. Sources: LTI Core 1.3, Deep Linking 2.0, Assignment and Grade Services 2.0 (1EdTech).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import UUID

from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import has_unwanted, normalise
from chorsu.tools.rules import (
    AGS,
    CLAIM,
    LINE_ITEMS,
    MAX_TEXT,
    MAX_URL,
    NRPS,
    SCORE,
    LtiRefused,
    is_tool_url,
)

LOGIN_PATH = "/lti/login"
LAUNCH_PATH = "/lti/launch"
CHOOSE_PATH = "/lti/choose"
OPEN_PATH = "/lti/open"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RESOURCE, DEEP_LINK = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"
MAX_DATA = 8_000
MAX_RETURN_URL = 2_000
_STAFF = ("Instructor", "ContentDeveloper", "Administrator", "Mentor", "Manager", "Officer")
_TARGET = re.compile(rf"{OPEN_PATH}/([0-9a-f-]{{36}})(?:/([\w-]{{1,40}}))?/?", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A registered learning system; `cohorts` are those that its links may open."""

    id: int
    key: UUID
    name: str
    issuer: str
    client_id: str
    deployments: Sequence[str]
    auth_url: str
    token_url: str
    keys_url: str
    cohorts: Sequence[UUID]
    active: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What a link opens: a cohort's course, or one unit of it; `unit` is empty for the course."""

    cohort: UUID
    unit: str = ""

    @property
    def path(self) -> str:
        """Of the link's address, at this node."""
        return f"{OPEN_PATH}/{self.cohort}" + (f"/{self.unit}" if self.unit else "")


@dataclass(frozen=True, slots=True)
class Launched:
    """A launch that was believed: who comes, as the learning system tells it, and for what.

    `line_item` is empty where the link has no column; `line_items` is where the node may make one
    for it, `link` the link itself, and `members` where a teacher's class is asked for: each empty
    if the learning system does not say so. `language` is one of the eight or empty.
    """

    user: str
    name: str
    email: str
    language: str
    teaches: bool
    target: Target | None
    line_item: str
    # Those that came with a later version, where one kept from before lacks them.
    line_items: str = ""
    link: str = ""
    members: str = ""


@dataclass(slots=True)
class ColumnView:
    """A column of a gradebook that this node makes, for a link that has none.

    `collection` is where the learning system keeps the columns of its course; `line_item` is empty
    until the column is there.
    """

    id: int
    collection: str
    link: str
    cohort: UUID
    unit: str
    line_item: str

    @property
    def resource(self) -> str:
        """What the node calls it by there."""
        return f"{self.cohort}/{self.unit}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to choose what a link is to open: where the answer goes and what it repeats."""

    deployment: str
    return_url: str
    data: str


def parse_target(url: str, node: str) -> Target | None:
    """The cohort and unit that an address of this node names; None: it names none."""
    found = _TARGET.fullmatch(url.removeprefix(node)) if url.startswith(f"{node}/") else None
    if found is None:
        return None
    try:
        return Target(UUID(found[1]), found[2] or "")
    except ValueError:
        return None


def parse_launch(claims: Mapping[str, object], node: str) -> Launched:
    """A resource launch (LTI Core 5.3) whose token was believed. Raises `LtiRefused`.

    What is not of the shape that the standard gives it is as if it were not told: a name that is
    no text is no name.
    """
    user = claims.get("sub")
    if not isinstance(user, str) or not 0 < len(user) <= MAX_TEXT or has_unwanted(user):
        raise LtiRefused("invalid_request", "sub")
    email = _text(claims, "email")
    link = _text(_inner(claims, f"{CLAIM}resource_link"), "id")
    members = _text(_inner(claims, f"{NRPS}claim/namesroleservice"), "context_memberships_url")
    keepable = _EMAIL.fullmatch(email) and not has_unwanted(email)
    return Launched(
        user=user,
        name=" ".join(normalise(_text(claims, "name")).split())[:150].strip(),
        email=email if keepable else "",
        language=_language(_text(_inner(claims, f"{CLAIM}launch_presentation"), "locale")),
        teaches=_teaches(claims.get(f"{CLAIM}roles")),
        target=parse_target(_text(claims, f"{CLAIM}target_link_uri"), node),
        line_item=_line_item(_inner(claims, f"{AGS}claim/endpoint")),
        line_items=_line_items(_inner(claims, f"{AGS}claim/endpoint")),
        link=link if len(link) <= MAX_TEXT and not has_unwanted(link) else "",
        members=members if is_tool_url(members) else "",
    )


def parse_asked(claims: Mapping[str, object]) -> Asked:
    """A deep linking request whose token was believed. Raises `LtiRefused`."""
    settings = _inner(claims, f"{DL}deep_linking_settings")
    url, data = _text(settings, "deep_link_return_url"), settings.get("data", "")
    if not is_tool_url(url, MAX_RETURN_URL):
        raise LtiRefused("invalid_request", "deep_link_return_url")
    if not isinstance(data, str) or len(data) > MAX_DATA:
        raise LtiRefused("invalid_request", "data")
    if not _teaches(claims.get(f"{CLAIM}roles")):
        raise LtiRefused("access_denied", "roles")
    return Asked(_text(claims, f"{CLAIM}deployment_id"), url, data)


def chosen_claims(
    platform: PlatformView,
    asked: Asked,
    *,
    url: str,
    title: str,
    resource: str,
    graded: bool,
    nonce: str,
    now: datetime,
) -> dict[str, object]:
    """The answer to a deep linking request: one link, in a window of its own, with a column for
    scores where there are any. Valid for five minutes.
    """
    at = int(now.timestamp())
    item: dict[str, object] = {
        "type": "ltiResourceLink",
        "title": title,
        "url": url,
        "window": {"targetName": "_blank"},
    }
    if graded:
        item["lineItem"] = {"scoreMaximum": 100, "label": title, "resourceId": resource}
    claims: dict[str, object] = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": at,
        "exp": at + 300,
        "nonce": nonce,
        f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": asked.deployment,
        f"{DL}content_items": [item],
    }
    return {**claims, f"{DL}data": asked.data} if asked.data else claims


def score_body(user: str, percent: Decimal | None, now: datetime) -> dict[str, object]:
    """A score as AGS posts it; without a percent it takes the score back."""
    body: dict[str, object] = {
        "userId": user,
        "timestamp": now.isoformat(timespec="milliseconds"),
        "activityProgress": "Initialized" if percent is None else "Completed",
        "gradingProgress": "FullyGraded",
    }
    return body if percent is None else {**body, "scoreGiven": float(percent), "scoreMaximum": 100}


def token_claims(platform: PlatformView, *, token_id: str, now: datetime) -> dict[str, object]:
    """What this node signs to get an access token (IMS Security Framework 4.1); for 5 minutes."""
    at = int(now.timestamp())
    return {
        "iss": platform.client_id,
        "sub": platform.client_id,
        "aud": platform.token_url,
        "iat": at,
        "exp": at + 300,
        "jti": token_id,
    }


def guest_subject(secret: bytes, platform: UUID, user: str) -> str:
    """By which this node knows a person of a learning system: two of those are never one here."""
    said = f"lti guest {platform} {user}".encode()
    return hmac.new(secret, said, hashlib.sha256).hexdigest()[:40]


def _teaches(roles: object) -> bool:
    """Whether the roles name somebody who teaches or administers, and no learner."""
    named = [one for one in roles if isinstance(one, str)] if isinstance(roles, list) else []
    said = [re.split(r"[#/]", one) for one in named]
    if any(one[-1] == "Learner" for one in said):
        return False
    # A sub-role (LTI Core A.2.3.1) reads `...membership/Instructor#TeachingAssistant`.
    return any(one[-1] in _STAFF or one[-2:-1] == ["Instructor"] for one in said)


def _line_item(endpoint: Mapping[str, object]) -> str:
    """Where scores go, if the learning system lets this node give any."""
    scopes, url = endpoint.get("scope"), _text(endpoint, "lineitem")
    allowed = isinstance(scopes, list) and SCORE in scopes
    return url if allowed and is_tool_url(url) else ""


def _line_items(endpoint: Mapping[str, object]) -> str:
    """Where this node may make a column of its own, and give scores into it."""
    scopes, url = endpoint.get("scope"), _text(endpoint, "lineitems")
    allowed = isinstance(scopes, list) and {LINE_ITEMS, SCORE} <= set(map(str, scopes))
    # Room is left for the number of the column, by which its lines are kept.
    return url if allowed and is_tool_url(url, MAX_URL - 24) else ""


def new_column(column: ColumnView, title: str) -> dict[str, object]:
    """A line item as AGS posts it."""
    body: dict[str, object] = {
        "scoreMaximum": 100,
        "label": title,
        "resourceId": column.resource,
    }
    return {**body, "resourceLinkId": column.link} if column.link else body


def found_column(raw: object, column: ColumnView, *, one: bool) -> str:
    """The address of a column among line items; empty if it is not there. Raises `LtiRefused`.

    `one`: it is the answer to the making of this one, which may leave out what it repeats. An
    address at another host than the collection's is none: the access token would go there.
    """
    if not isinstance(raw, list):
        raise LtiRefused("invalid_request", "line items")
    for row in raw:
        if not isinstance(row, dict):
            raise LtiRefused("invalid_request", "line items")
        named = row.get("resourceId") == column.resource
        linked = not column.link or row.get("resourceLinkId") == column.link
        if not one and not (named and linked):
            continue
        url = _text(row, "id")
        there, here = urlsplit(url), urlsplit(column.collection)
        if not is_tool_url(url) or (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise LtiRefused("invalid_request", "line items: id")
        return url
    return ""


def _language(locale: str) -> str:
    """The working language that a locale (`ru-RU`, `zh_CN`) names, or none."""
    first = re.split(r"[-_]", locale)[0].lower()
    return next((tag for tag in TAGS if tag.split("-")[0] == first), "")


def _inner(claims: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = claims.get(name)
    return value if isinstance(value, dict) else {}


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
