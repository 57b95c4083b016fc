"""Choosing in a tool what a unit opens (LTI Deep Linking 2.0, this node as the platform). Pure.

What a tool may answer: one `ltiResourceLink`, or nothing. Its title, address, own parameters and
the most points of its line item are taken; all else of it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chorsu.kernel.text import has_unwanted, normalise
from chorsu.records.facts import is_url
from chorsu.tools.claims import DEEP_LINK, DL
from chorsu.tools.rules import (
    CLAIM,
    LtiRefused,
    Placement,
    ToolView,
    is_tool_url,
    message_claims,
)

ANSWER = "LtiDeepLinkingResponse"
LINK = "ltiResourceLink"
MAX_TITLE = 200
MAX_TOLD = 500
MAX_CUSTOM = 30
MAX_CUSTOM_NAME = 100
MAX_CUSTOM_VALUE = 1_000
MAX_POINTS = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """What was chosen: `points` None where the tool names no most points that are whole."""

    title: str
    url: str
    custom: Mapping[str, str]
    points: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered; `item` None: nothing was chosen. `told` is for the author to read."""

    nonce: str
    data: str
    item: Item | None
    told: str


def choosing_claims(
    tool: ToolView,
    *,
    issuer: str,
    user: str,
    name: str,
    roles: Sequence[str],
    place: Placement,
    return_url: str,
    data: str,
    nonce: str,
    now: datetime,
) -> dict[str, object]:
    """A deep linking request: one link, in a window of its own, graded or not."""
    claims = message_claims(
        tool, DEEP_LINK, issuer=issuer, user=user, name=name, roles=roles, place=place,
        url=tool.choose_url, return_url=return_url, nonce=nonce, now=now,
    )  # fmt: skip
    settings: dict[str, object] = {
        "deep_link_return_url": return_url,
        "accept_types": [LINK],
        "accept_presentation_document_targets": ["window"],
        "accept_multiple": False,
        "accept_lineitem": True,
        "auto_create": False,
        "data": data,
    }
    if place.unit_title:
        settings["title"] = place.unit_title
    return {**claims, f"{DL}deep_linking_settings": settings}


def claimed_data(claims: Mapping[str, object]) -> str:
    """What the node gave along with its question. Raises `LtiRefused`."""
    data = claims.get(f"{DL}data")
    if not isinstance(data, str) or has_unwanted(data):
        raise LtiRefused("invalid_request", "data")
    return data


def parse_answer(claims: Mapping[str, object], tool: ToolView) -> Answer:
    """An answer whose token was believed. Raises `LtiRefused`."""
    expected = {"message_type": ANSWER, "version": "1.3.0", "deployment_id": tool.deployment}
    for name, value in expected.items():
        if claims.get(f"{CLAIM}{name}") != value:
            raise LtiRefused("invalid_request", name)
    items = claims.get(f"{DL}content_items", [])
    if not isinstance(items, list) or len(items) > 1:
        raise LtiRefused("invalid_request", "content_items: one at most")
    said = claims.get(f"{DL}errormsg") or claims.get(f"{DL}msg")
    told = " ".join(normalise(said).split())[:MAX_TOLD].strip() if isinstance(said, str) else ""
    return Answer(
        nonce=str(claims["nonce"]),
        data=claimed_data(claims),
        item=_item(items[0], tool) if items else None,
        told=told,
    )


def _item(raw: object, tool: ToolView) -> Item:
    if not isinstance(raw, dict) or raw.get("type") != LINK:
        raise LtiRefused("invalid_request", "content_items: type")
    # Tools write null for what they leave out. A link without an address opens the tool itself
    # (Deep Linking 2.0, 3.1).
    told = {name: value for name, value in raw.items() if value is not None}
    url, title = told.get("url", tool.address), told.get("title", "")
    if not isinstance(url, str) or not is_tool_url(url) or not is_url(url):
        raise LtiRefused("invalid_request", "content_items: url")
    if not isinstance(title, str):
        raise LtiRefused("invalid_request", "content_items: title")
    return Item(
        title=" ".join(normalise(title).split())[:MAX_TITLE].strip(),
        url=url,
        custom=_custom(told.get("custom", {})),
        points=_points(told.get("lineItem")),
    )


def _custom(raw: object) -> dict[str, str]:
    """The tool's own parameters, which every launch repeats to the letter."""
    if not isinstance(raw, dict) or len(raw) > MAX_CUSTOM:
        raise LtiRefused("invalid_request", "content_items: custom")
    for name, value in raw.items():
        fits = 0 < len(name) <= MAX_CUSTOM_NAME and isinstance(value, str)
        if not fits or len(value) > MAX_CUSTOM_VALUE or has_unwanted(name + value):
            raise LtiRefused("invalid_request", f"content_items: custom {name[:20]}")
    return dict(raw)


def _points(raw: object) -> int | None:
    most = raw.get("scoreMaximum") if isinstance(raw, dict) else None
    if isinstance(most, bool) or not isinstance(most, int | float):
        return None
    # Compared first: what JSON writes may be more than a whole number holds.
    return int(most) if 1 <= most <= MAX_POINTS and most == int(most) else None
