"""Writing the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chorsu.institutions.models import AuditEvent, Person


def record_event(
    *,
    person: Person | None,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    """Write one line of the audit log, in the caller's transaction.

    `action` is a stable code such as `practice.published`; `detail` must be JSON and hold no
    secrets. `person` is None for what the node does by itself.
    """
    AuditEvent.objects.create(
        at=now,
        person=person if person is not None and person.pk else None,
        actor=person.email if person is not None else "",
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id)[:120],
        detail=dict(detail),
    )
