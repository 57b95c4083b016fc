"""Certificates by what stands on them, also those of which only the number was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from chorsu.institutions.models import Person
from chorsu.kernel.text import normalise
from chorsu.training.credentials.errors import NoSuchCertificate
from chorsu.training.models import Certificate, StatusPosition
from chorsu.training.queries.certificates import issuing_institutions, may_issue
from chorsu.wire.credential import Credential
from chorsu.wire.statuslist import is_set


@dataclass(frozen=True, slots=True)
class IssuedPaper:
    """A certificate issued here: its id, or, where it was deleted, its place in a status list."""

    certificate_id: str
    place_id: int


@dataclass(frozen=True, slots=True)
class DeletedCertificate:
    """All that is left of a certificate that was deleted."""

    place_id: int
    number: str
    institution_id: str
    valid_until: datetime | None
    revoked: bool


def by_number(number: str, person: Person) -> IssuedPaper:
    """The certificate with a document number, for whoever issues; raises `NoSuchCertificate`."""
    asked = "".join(normalise(number).split())
    places = StatusPosition.objects.filter(
        number__iexact=asked, institution__in=issuing_institutions(person)
    ).exclude(number="")
    return _paper(places.values_list("pk", flat=True).first(), number)


def by_credential(credential: Credential, person: Person) -> IssuedPaper | None:
    """The same by what its file says, which was verified; None: its number is not kept."""
    if credential.node != settings.NODE_NAME or not may_issue(person, credential.institution):
        raise NoSuchCertificate(credential.document)
    places = StatusPosition.objects.filter(
        status_list=UUID(credential.status.list_id), position=credential.status.index
    ).exclude(number="")
    found = places.values_list("pk", flat=True).first()
    return None if found is None else _paper(found, credential.document)


def deleted_certificate(place_id: int, person: Person) -> DeletedCertificate:
    """What is left of a deleted certificate; raises `NoSuchCertificate`."""
    rows = StatusPosition.objects.select_related("status_list").exclude(number="")
    row = rows.filter(pk=place_id).first()
    if (
        row is None
        or Certificate.objects.filter(position=row).exists()
        or not may_issue(person, row.institution)
    ):
        raise NoSuchCertificate(str(place_id))
    return DeletedCertificate(
        place_id=row.pk,
        number=row.number,
        institution_id=row.institution,
        valid_until=row.valid_until,
        revoked=is_set(bytes(row.status_list.bits), row.position),
    )


def _paper(place_id: int | None, number: str) -> IssuedPaper:
    if place_id is None:
        raise NoSuchCertificate(number)
    held = Certificate.objects.filter(position=place_id).values_list("pk", flat=True).first()
    return IssuedPaper(str(held or ""), place_id)
