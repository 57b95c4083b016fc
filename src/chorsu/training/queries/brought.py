"""Certificates on their way home: those of a guest here, and those that came for a person."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chorsu.institutions.models import Person
from chorsu.training.credentials.errors import NoSuchCertificate
from chorsu.training.credentials.shapes import CertificateView
from chorsu.training.models import BroughtCertificate, Certificate
from chorsu.training.queries.certificates import view_of
from chorsu.training.rules.documents import document_key, earlier_numbers
from chorsu.wire.credential import Credential
from chorsu.wire.credential_file import parse_certificate


@dataclass(frozen=True, slots=True)
class Brought:
    """A certificate that came from the node of this name; `ended_at`: it was revoked there."""

    id: uuid.UUID
    node: str
    credential: Credential
    brought_at: datetime
    ended_at: datetime | None

    def name(self, language: str) -> str:
        """The achievement's name in a language, else in the original."""
        names = self.credential.names
        return names.get(language) or names[self.credential.language]


def to_send_home(
    *, home: str, subject: str, held: Collection[str], most: int
) -> list[CertificateView]:
    """Certificates that count, of the guest whom `home` calls `subject`, without those that are
    there already; the oldest first. One query, two more for each.
    """
    rows = Certificate.objects.filter(
        enrolment__person__home=home,
        enrolment__person__home_subject=subject,
        state=Certificate.State.VALID,
    ).exclude(commitment__in=held)
    return [view_of(row) for row in rows.order_by("issued_at", "id")[:most]]


def brought_certificates(person: Person) -> list[Brought]:
    """Those of a person, the newest first. One query."""
    return [_view(row) for row in BroughtCertificate.objects.filter(person=person)]


def brought_file(certificate_id: uuid.UUID, person: Person) -> tuple[Brought, bytes]:
    """One of a person's, with its file. Raises `NoSuchCertificate`."""
    row = BroughtCertificate.objects.filter(pk=certificate_id, person=person).first()
    if row is None:
        raise NoSuchCertificate(str(certificate_id))
    return _view(row), bytes(row.file)


def held_commitments(person: Person, node: str) -> tuple[str, ...]:
    """Of the certificates of a node that are here for a person, the newest first. One query."""
    rows = BroughtCertificate.objects.filter(person=person, node=node)
    return tuple(rows.values_list("commitment", flat=True))


def counts_no_longer(person: Person, issuer: str, number: str) -> bool:
    """Whether a document of this number is known here to have been revoked or replaced."""
    key = document_key(number)
    ended = Certificate.objects.filter(institution=issuer, number__iexact=key)
    if ended.exclude(state=Certificate.State.VALID).exists():
        return True
    for one in brought_certificates(person):
        said = one.credential
        if said.institution != issuer:
            continue
        earlier = earlier_numbers(said.document) if said.replaces else []
        if one.ended_at is not None:
            earlier.append(said.document)
        if key in map(document_key, earlier):
            return True
    return False


def _view(row: BroughtCertificate) -> Brought:
    credential = parse_certificate(bytes(row.file)).signed.credential
    return Brought(row.pk, row.node, credential, row.brought_at, row.ended_at)
