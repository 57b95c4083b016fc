"""Certificates that come home from other nodes: kept for their holder, in the ledger once.

Whoever calls this has verified the certificate (`flows.certifying.check`).
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import TAGS
from chorsu.training.models import Achievement, BroughtCertificate, StatusList
from chorsu.training.rules.documents import document_key, earlier_numbers
from chorsu.wire.credential import Credential, Signed
from chorsu.wire.statuslist import is_set


@transaction.atomic
def bring(*, person: Person, node: str, signed: Signed, file: bytes, now: datetime) -> bool:
    """Keep a certificate for its holder and enter it in the ledger; False if it was here already.

    A document that an officer had entered by hand stays one line, also under the number that it
    had before it was corrected.
    """
    said = signed.credential
    row, is_new = BroughtCertificate.objects.get_or_create(
        person=person,
        commitment=signed.commitment,
        defaults={
            "id": uuid.UUID(new_id()),
            "node": node,
            "file": file,
            "status_list": uuid.UUID(said.status.list_id),
            "status_index": said.status.index,
            "brought_at": now,
        },
    )
    if not is_new:
        return False
    _renumber(person, said)
    achievement, _entered = Achievement.objects.get_or_create(
        person=person,
        issuer=said.institution,
        document=said.document,
        defaults={
            "id": uuid.UUID(new_id()),
            "course": uuid.UUID(said.course),
            "title": _title(said, person)[:200],
            "issued_on": timezone.localdate(said.valid_from),
            **said.hours,
            "entered_at": now,
        },
    )
    row.achievement = achievement
    row.save(update_fields=["achievement"])
    _record("certificate.brought", row, now)
    return True


@transaction.atomic
def end_revoked(*, now: datetime) -> int:
    """Take out of the ledger what was revoked where it was issued, by the lists as they are here;
    how many. What a certificate replaced is among them.
    """
    waiting = BroughtCertificate.objects.select_for_update(of=("self",)).filter(ended_at=None)
    bits = {
        (row.pk, row.origin): bytes(row.bits)
        for row in StatusList.objects.filter(pk__in=waiting.values("status_list"))
    }
    ended = [
        row
        for row in waiting.select_related("achievement", "person")
        if _is_revoked(row, bits.get((row.status_list, row.node), b""))
    ]
    for row in ended:
        if row.achievement is not None:
            row.achievement.delete()
        row.achievement, row.ended_at = None, now
        row.save(update_fields=["achievement", "ended_at"])
        _record("certificate.brought_ended", row, now)
    return len(ended)


def _renumber(person: Person, said: Credential) -> None:
    """What was entered by hand of this certificate in another spelling, or of one that it replaces,
    is a line of this one.
    """
    entered = Achievement.objects.filter(person=person, issuer=said.institution)
    if entered.filter(document=said.document).exists():
        return
    earlier = earlier_numbers(said.document) if said.replaces else []
    keys = {document_key(one) for one in (said.document, *earlier)}
    by_hand = entered.filter(brought=None).order_by("-entered_at")
    row = next((one for one in by_hand if document_key(one.document) in keys), None)
    if row is not None:
        row.document = said.document
        row.save(update_fields=["document"])


def _is_revoked(row: BroughtCertificate, bits: bytes) -> bool:
    return row.status_index < len(bits) * 8 and is_set(bits, row.status_index)


def _title(said: Credential, person: Person) -> str:
    """The course's name in a language the person reads, else in the original."""
    for tag in (*person.languages, said.language, *TAGS):
        if said.names.get(tag):
            return said.names[tag]
    return said.document


def _record(action: str, row: BroughtCertificate, now: datetime) -> None:
    record_event(
        person=row.person,
        action=action,
        subject_kind="peer",
        subject_id=row.node,
        detail={},
        now=now,
    )
