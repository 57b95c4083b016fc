"""Which learning systems open this node, and what waits to be sent to them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q

from chorsu.kernel.text import has_unwanted, printable
from chorsu.tools.claims import PlatformView
from chorsu.tools.models import Platform, ScoreLine


class NoSuchPlatform(LookupError):  # noqa: N818 - says what is wrong
    """No such learning system is registered here, or it is switched off."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The state of a learning system's gradebook for one cohort, in numbers."""

    sent: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class FailedLine:
    """A result that has not been taken; `due_at` None: it is not tried any more."""

    platform: str
    person_id: int
    name: str
    unit: str
    percent: Decimal | None
    trouble: str
    tries: int
    since: datetime | None
    due_at: datetime | None


def platforms() -> list[PlatformView]:
    """All registered learning systems by name. One query."""
    return [view(row) for row in Platform.objects.all()]


def platform(platform_id: int) -> PlatformView:
    """One by its number, switched off or not. Raises `NoSuchPlatform`."""
    row = Platform.objects.filter(pk=platform_id).first()
    if row is None:
        raise NoSuchPlatform(str(platform_id))
    return view(row)


def platform_that_asks(issuer: str, client_id: str) -> PlatformView:
    """An active one as it names itself; `client_id` may be left out (empty) where it has one
    registration only. Raises `NoSuchPlatform`.
    """
    if has_unwanted(issuer) or has_unwanted(client_id):
        # What no registration holds, and the database not even looks for.
        raise NoSuchPlatform(printable(issuer[:100]))
    rows = Platform.objects.filter(issuer=issuer, active=True)
    rows = rows.filter(client_id=client_id) if client_id else rows
    found = list(rows[:2])
    if len(found) != 1:
        raise NoSuchPlatform(issuer[:100])
    return view(found[0])


def active_platform(platform_id: int) -> PlatformView:
    """An active one by its number. Raises `NoSuchPlatform`."""
    found = platform(platform_id)
    if not found.active:
        raise NoSuchPlatform(str(platform_id))
    return found


def names_by_key(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Key -> name of those that are still registered. One query."""
    return dict(Platform.objects.filter(key__in=keys).values_list("key", "name"))


def sendings(cohort_id: uuid.UUID) -> dict[int, Sending]:
    """Learning system -> how its gradebook stands for a cohort. One query."""
    failed = ~Q(trouble="")
    rows = ScoreLine.objects.filter(cohort=cohort_id).values("platform").order_by()
    counted = rows.annotate(
        sent=Count("pk", filter=Q(due_at=None, trouble="") & ~Q(sent_at=None)),
        waiting=Count("pk", filter=Q(trouble="") & ~Q(due_at=None)),
        failed=Count("pk", filter=failed),
    )
    return {row["platform"]: Sending(row["sent"], row["waiting"], row["failed"]) for row in counted}


def failed_lines(cohort_id: uuid.UUID, most: int) -> list[FailedLine]:
    """Results of a cohort that a learning system has not taken, the longest first. One query."""
    rows = ScoreLine.objects.filter(cohort=cohort_id).exclude(trouble="")
    return [
        FailedLine(
            row.platform.name, row.person_id, row.person.name, row.unit, row.percent, row.trouble,
            row.tries, row.since, row.due_at,
        )
        for row in rows.select_related("platform", "person").order_by("since", "pk")[:most]
    ]  # fmt: skip


def cohorts_with_lines() -> list[uuid.UUID]:
    """The cohorts that gradebooks have lines for. One query."""
    return list(ScoreLine.objects.values_list("cohort", flat=True).distinct().order_by("cohort"))


def people_of_lines(cohort_id: uuid.UUID) -> dict[int, int]:
    """Number of a line -> whose it is, of a cohort. One query."""
    return dict(ScoreLine.objects.filter(cohort=cohort_id).values_list("pk", "person"))


def lines_of(person_id: int) -> list[dict[str, object]]:
    """What of a person goes to learning systems, for them to take away. One query."""
    rows = ScoreLine.objects.filter(person=person_id).select_related("platform").order_by("pk")
    return [
        {
            "learning_system": row.platform.issuer,
            "cohort": str(row.cohort),
            "unit": row.unit,
            "line_item": row.line_item,
            "known_there_as": row.user,
            "percent": None if row.percent is None else str(row.percent),
            "sent_percent": None if row.sent_percent is None else str(row.sent_percent),
            "sent_at": None if row.sent_at is None else row.sent_at.isoformat(),
        }
        for row in rows
    ]


def view(row: Platform) -> PlatformView:
    """A row as a value."""
    return PlatformView(
        id=row.pk,
        key=row.key,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        deployments=list(row.deployments),
        auth_url=row.auth_url,
        token_url=row.token_url,
        keys_url=row.keys_url,
        cohorts=list(row.cohorts),
        active=row.active,
    )
