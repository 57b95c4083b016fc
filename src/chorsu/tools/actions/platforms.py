"""Registering learning systems, and which cohorts their links may open."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.institutions.rules import LEARNING_SYSTEM
from chorsu.kernel.text import normalise
from chorsu.tools.actions import ToolRefused
from chorsu.tools.claims import PlatformView
from chorsu.tools.models import Arrival, Platform
from chorsu.tools.queries.platforms import NoSuchPlatform, view
from chorsu.tools.rules import MAX_TEXT, LtiRefused, is_tool_url

MAX_DEPLOYMENTS = 100
_ADDRESSES = ("auth_url", "token_url", "keys_url")


@transaction.atomic
def save_platform(
    *,
    platform_id: int | None,
    name: str,
    issuer: str,
    client_id: str,
    deployments: Sequence[str],
    auth_url: str,
    token_url: str,
    keys_url: str,
    active: bool,
    by: Person,
    now: datetime,
    moved: bool = False,
) -> PlatformView:
    """Register a learning system (`platform_id` None) or change it.

    A user is somebody's number at one issuer: once guests have come, another issuer is only taken
    if the learning system has `moved` there with its users.

    Raises `ToolRefused` (name of the field -> missing, address, taken, long, many or guests),
    `NoSuchPlatform`.
    """
    name, client_id = normalise(name).strip()[:120], client_id.strip()
    addresses = {"auth_url": auth_url, "token_url": token_url, "keys_url": keys_url}
    wrong = _wrong(name, issuer, client_id, deployments, addresses)
    others = Platform.objects.filter(issuer=issuer, client_id=client_id)
    if (others if platform_id is None else others.exclude(pk=platform_id)).exists():
        wrong["client_id"] = "taken"
    if wrong:
        raise ToolRefused(wrong)
    row = Platform(key=uuid.uuid4(), created_at=now)
    if platform_id is not None:
        found = Platform.objects.select_for_update().filter(pk=platform_id).first()
        if found is None:
            raise NoSuchPlatform(str(platform_id))
        if issuer != found.issuer and not moved and _has_guests(found):
            raise ToolRefused({"issuer": "guests"})
        row = found
    row.name, row.issuer, row.client_id = name, issuer, client_id
    row.deployments = list(dict.fromkeys(deployments))
    row.auth_url, row.token_url, row.keys_url = (addresses[field] for field in _ADDRESSES)
    row.active = active
    row.save()
    _record(by, "platform.added" if platform_id is None else "platform.changed", row, now)
    return view(row)


def _wrong(
    name: str,
    issuer: str,
    client_id: str,
    deployments: Sequence[str],
    addresses: Mapping[str, str],
) -> dict[str, str]:
    wrong = {} if name else {"name": "missing"}
    for field, url in {"issuer": issuer, **addresses}.items():
        if not is_tool_url(url):
            wrong[field] = "address" if url else "missing"
    if not 0 < len(client_id) <= MAX_TEXT:
        wrong["client_id"] = "long" if client_id else "missing"
    if not deployments:
        wrong["deployments"] = "missing"
    elif len(deployments) > MAX_DEPLOYMENTS:
        wrong["deployments"] = "many"
    elif any(len(one) > MAX_TEXT for one in deployments):
        wrong["deployments"] = "long"
    return wrong


def _has_guests(row: Platform) -> bool:
    return Person.objects.filter(home=f"{LEARNING_SYSTEM}{row.key}").exists()


@transaction.atomic
def remove_platform(*, platform_id: int, by: Person, now: datetime) -> None:
    """Forget a learning system, and with it what was to be sent there; its guests stay."""
    row = Platform.objects.filter(pk=platform_id).first()
    if row is not None:
        _record(by, "platform.removed", row, now)
        row.delete()


@transaction.atomic
def open_cohort(
    *, cohort_id: uuid.UUID, platform_ids: Collection[int], by: Person, now: datetime
) -> None:
    """Let links of these learning systems, and of no others, open the cohort.

    Who may say so is for the caller to ask.
    """
    for row in Platform.objects.select_for_update().order_by("pk"):
        wanted = row.pk in platform_ids
        if wanted == (cohort_id in row.cohorts):
            continue
        row.cohorts = [one for one in row.cohorts if one != cohort_id]
        if wanted:
            row.cohorts.append(cohort_id)
        row.save(update_fields=["cohorts"])
        action = "platform.cohort_opened" if wanted else "platform.cohort_closed"
        _record(by, action, row, now, cohort=str(cohort_id))


def keep_arrival(
    *,
    platform_id: int,
    nonce: str,
    ticket: str,
    browser: str,
    claims: Mapping[str, object],
    until: datetime,
) -> None:
    """Use up a nonce and keep what came with it for the browser that holds the ticket.

    `browser` is the SHA-256 that the message's state named; `ticket` empty: nobody is to come.
    Raises `LtiRefused` if the nonce was used before.
    """
    try:
        # A savepoint: the refusal must not spoil a caller's transaction.
        with transaction.atomic():
            Arrival.objects.create(
                platform_id=platform_id, nonce=digest(nonce),
                ticket=digest(ticket) if ticket else "", browser=browser, claims=dict(claims),
                until=until,
            )  # fmt: skip
    except IntegrityError as error:
        raise LtiRefused("invalid_request", "nonce was used before") from error


@transaction.atomic
def take_arrival(
    *, ticket: str, browser: str, now: datetime
) -> tuple[PlatformView, dict[str, object]]:
    """Who comes with this ticket, once; `browser` is the cookie's value. Raises `LtiRefused`."""
    rows = Arrival.objects.select_for_update(of=["self"]).select_related("platform")
    row = rows.filter(ticket=digest(ticket)).first() if ticket else None
    if row is None or row.until <= now or not row.platform.active:
        raise LtiRefused("invalid_request", "no such launch, or it was taken before")
    if row.browser != digest(browser):
        raise LtiRefused("login_required", "begun in another browser")
    claims = dict(row.claims)
    row.ticket, row.claims = "", {}
    row.save(update_fields=["ticket", "claims"])
    return view(row.platform), claims


def forget_arrivals(*, now: datetime) -> int:
    """Forget launches too old to be taken anyway; how many."""
    gone, _kinds = Arrival.objects.filter(until__lt=now).delete()
    return gone


def digest(secret: str) -> str:
    """By which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(by: Person, action: str, row: Platform, now: datetime, **detail: str) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="platform",
        subject_id=str(row.key),
        detail={"name": row.name, **detail},
        now=now,
    )
