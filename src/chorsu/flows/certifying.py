"""Certifying: a certificate and the word of it in the log, all or nothing; its file; its check.

What the log gets is a commitment and, after a revocation, a bit. The certificate itself goes to its
holder and nowhere else.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.exchange import keys, proofs, queries
from chorsu.exchange.locks import only_one
from chorsu.exchange.queries import NotThere
from chorsu.institutions.models import Person
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import format_time
from chorsu.training.actions import certifying, issuing
from chorsu.training.credentials.errors import NoSuchCertificate
from chorsu.training.credentials.shapes import CertificateView, Issued
from chorsu.training.queries import certificates
from chorsu.training.queries.issued import IssuedPaper, by_credential
from chorsu.verifier.certificates import CheckedCertificate
from chorsu.wire.credential import did, sign_members, status_address
from chorsu.wire.credential_file import CertificateFile, parse_certificate, verify_certificate
from chorsu.wire.credential_records import (
    COMMITMENTS,
    MAX_COMMITMENTS,
    STATUS,
    PublishedStatus,
)
from chorsu.wire.entry import PUBLIC, PUBLISH
from chorsu.wire.envelope import Json
from chorsu.wire.saved import Opened, open_saved
from chorsu.wire.statuslist import encode_list

JOB = "chorsu.jobs.tasks.issue_certificates"


@transaction.atomic
def issue(*, enrolment_id: uuid.UUID | str, renewable_by: str, by: Person, now: datetime) -> str:
    """Issue one certificate; returns its id. Raises what `training.actions` raises."""
    issued = certifying.issue_one(
        enrolment_id=enrolment_id, renewable_by=renewable_by, by=by, now=now
    )
    _log(issued, now)
    return issued.ids[0]


@transaction.atomic
def ask_all(*, cohort_id: uuid.UUID | str, renewable_by: str, by: Person, now: datetime) -> int:
    """Have a worker issue all of a cohort's; returns the number of the work."""
    number = issuing.ask(cohort_id=cohort_id, renewable_by=renewable_by, by=by, now=now)
    transaction.on_commit(lambda: exchange.defer(JOB, once=str(number), number=str(number)))
    return number


def issue_all(*, number: int, clock: Callable[[], datetime]) -> None:
    """Issue a cohort's certificates, portion by portion; begun anew, it goes on where it was.

    Each portion is one transaction and one entry of the log: a kill costs at most one portion.
    """
    with only_one(f"certificates {number}") as mine:
        while mine and _issue_some(number, clock()):
            pass


@transaction.atomic
def revoke(
    *, certificate_id: uuid.UUID | str, why: str, reason: str, by: Person, now: datetime
) -> None:
    """Revoke a certificate everywhere. Raises what `training.actions` raises."""
    published = certifying.revoke(
        certificate_id=certificate_id, why=why, reason=reason, by=by, now=now
    )
    _log_status(published, now)


@transaction.atomic
def revoke_deleted(*, place_id: int, why: str, reason: str, by: Person, now: datetime) -> None:
    """The same of one that this node has deleted: its holder still has it, and it counts."""
    published = certifying.revoke_deleted(place_id=place_id, why=why, reason=reason, by=by, now=now)
    _log_status(published, now)


def find_by_file(data: bytes, by: Person, now: datetime) -> IssuedPaper:
    """The certificate of a file that somebody has, for whoever issues there, also if it was
    deleted here; raises `WireError`, `NoSuchCertificate`.
    """
    checked = check(data, now)
    credential = checked.verdict.credential
    if not (checked.own and checked.here):
        raise NoSuchCertificate(credential.document)
    found = by_credential(credential, by)
    return found or IssuedPaper("", certifying.keep_number(credential=credential))


@transaction.atomic
def correct(
    *, certificate_id: uuid.UUID | str, why: str, reason: str, by: Person, now: datetime
) -> str:
    """Issue a certificate anew and revoke the one it replaces; returns the new one's id."""
    issued, published = certifying.correct(
        certificate_id=certificate_id, why=why, reason=reason, by=by, now=now
    )
    _log_status(published, now)
    _log(issued, now)
    return issued.ids[0]


def file_of(certificate: CertificateView) -> bytes:
    """The certificate with what proves it without this node: for its holder to keep."""
    signed = parse_certificate(certificate.compact).signed
    return CertificateFile(
        signed=signed,
        texts=certificate.texts or None,
        issued=_proof_of(certificate.commitments_record),
        status=_proof_of(certificate.status_record),
    ).to_bytes()


def status_credential(list_id: uuid.UUID | str, now: datetime) -> bytes | None:
    """One of this node's status lists as a credential of its own, for verifiers outside."""
    found = certificates.status_bits(list_id, settings.NODE_NAME)
    if found is None:
        return None
    bits, at = found
    address = status_address(settings.NODE_ADDRESS, str(list_id))
    members: dict[str, Json] = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did(settings.NODE_NAME),
        "iss": did(settings.NODE_NAME),
        "validFrom": format_time(at),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_list(bits),
        },
    }
    return sign_members(members, keys.signing_key())


def check(data: bytes, now: datetime) -> CheckedCertificate:
    """What a certificate proves to this node, in any of its forms; raises `WireError`.

    The issuer's log as it is here is asked besides what the file brings. Keeps nothing.
    """
    file = parse_certificate(data)
    held = certificates.held_of(file.signed)
    credential = file.signed.credential
    node, own = credential.node, credential.node == settings.NODE_NAME
    if held.as_of is not None:
        held = replace(held, as_of=_copy_is_of(node, held.as_of, now))
    return CheckedCertificate(
        verdict=verify_certificate(file, proofs.known_keys(), now, held),
        here=held.index is not None,
        set_aside=bool(queries.peers_set_aside([node])),
        own=own,
        recognised=None if own else certificates.recognised(credential, node_institution_id()),
    )


def _copy_is_of(node: str, changed: datetime, now: datetime) -> datetime:
    """When this node's copy of a log was last complete: for its own, now."""
    if node == settings.NODE_NAME:
        return now
    try:
        peer = queries.peer(node)
    except NotThere:
        return changed
    return max(filter(None, (changed, peer.answered_at, peer.carried_at)))


def _issue_some(number: int, now: datetime) -> bool:
    with transaction.atomic():
        portion = issuing.issue_portion(work_id=number, limit=MAX_COMMITMENTS, now=now)
        if portion.issued is not None:
            _log(portion.issued, now)
    return portion.more


def _log(issued: Issued, now: datetime) -> None:
    # The feed last: from there to the commit everybody else who publishes waits.
    if issued.new_list is not None:
        _log_status(issued.new_list, now)
    index = exchange.append(
        kind=COMMITMENTS,
        record_id=issued.commitments.id,
        revision=1,
        action=PUBLISH,
        audience=PUBLIC,
        payload=issued.commitments.to_bytes(),
        now=now,
    )
    certifying.note_logged(issued=issued, index=index, now=now)


def _log_status(status: PublishedStatus, now: datetime) -> None:
    exchange.append(
        kind=STATUS,
        record_id=status.id,
        revision=status.revision,
        action=PUBLISH,
        audience=PUBLIC,
        payload=status.to_bytes(),
        now=now,
    )


def _proof_of(record_id: str) -> Opened | None:
    """The newest word of the own log on a record, with its proof; None while there is none."""
    try:
        return open_saved(proofs.save(proofs.publication(uuid.UUID(record_id))))
    except (NotThere, ValueError):
        return None
