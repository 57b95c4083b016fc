"""Writing the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    _line(person, action, subject_kind, subject_id, detail, now).save()


def record_events(
    *,
    person: Person | None,
    action: str,
    subject_kind: str,
    subjects: Iterable[tuple[str, Mapping[str, object]]],
    now: datetime,
) -> None:
    """As `record_event`, a line for each (subject's id, detail). One query."""
    AuditEvent.objects.bulk_create(
        [_line(person, action, subject_kind, key, detail, now) for key, detail in subjects]
    )


def _line(
    person: Person | None,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: Mapping[str, object],
    now: datetime,
) -> AuditEvent:
    return AuditEvent(
        at=now,
        person=person if person is not None and person.pk else None,
        # Of a guest the log names the home alone: they can be forgotten, and the log stays.
        actor=(person.email or person.home) if person is not None else "",
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id)[:120],
        detail=dict(detail),
    )


def erase_detail(*, action: str, subject_id: str, name: str) -> int:
    """Take one text out of what the log says of a thing, because the thing it repeats was erased.

    The one change a line can see: that it happened, when and by whom stays. Returns how many.
    """
    rows = AuditEvent.objects.filter(action=action, subject_id=subject_id, detail__has_key=name)
    found = list(rows)
    for row in found:
        row.detail = {key: value for key, value in row.detail.items() if key != name}
        row.save(update_fields=["detail"])
    return len(found)
