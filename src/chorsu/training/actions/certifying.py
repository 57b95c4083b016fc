"""Issuing, revoking and correcting certificates.

Everything here belongs in a transaction of `flows.certifying`, which appends to the log what these
hand out: a certificate without its commitment in the log could not be verified, and one revoked
without its bit in the log would still pass elsewhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings

from chorsu.exchange.keys import signing_key
from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions.numbering import certificate_numbers, number_documents
from chorsu.training.credentials.composing import (
    Award,
    Issuer,
    Taught,
    compose,
    free_positions,
    valid_until,
)
from chorsu.training.credentials.errors import (
    AlreadyEnded,
    AlreadyIssued,
    NoSuchCertificate,
    NotIssuable,
    NotPassed,
)
from chorsu.training.credentials.shapes import Issued
from chorsu.training.models import (
    Certificate,
    Cohort,
    Commitment,
    Enrolment,
    StatusList,
    StatusPosition,
)
from chorsu.training.queries.certificates import ISSUING, may_issue
from chorsu.training.queries.teaching import lesson_of
from chorsu.wire.credential import Credential, Hours, Signed, parse
from chorsu.wire.credential_records import PublishedCommitments, PublishedStatus
from chorsu.wire.statuslist import MIN_BITS, empty_list, encode_list, is_set, with_set

FULL = MIN_BITS // 2
"""Positions given away before a new list begins: free ones are then still found at random."""
Why = Certificate.Why


def require_issuer(by: Person, institution_id: str) -> None:
    """Raise `NotAllowed` unless the person issues certificates of the institution."""
    if not may_issue(by, institution_id):
        raise NotAllowed(ISSUING)


def require_finished(cohort: Cohort) -> None:
    """Raise `NotPassed` before the cohort is finished: until then a result may be said anew."""
    if cohort.state != Cohort.State.FINISHED:
        raise NotPassed


def issue_one(
    *, enrolment_id: uuid.UUID | str, renewable_by: str, by: Person, now: datetime
) -> Issued:
    """Issue the certificate of one who passed.

    Raises `NoSuchCertificate`, `NotAllowed`, `NotPassed`, `AlreadyIssued`, `NotIssuable`.
    """
    enrolment = _locked_enrolment(enrolment_id)
    require_issuer(by, enrolment.cohort.institution_id)
    require_finished(enrolment.cohort)
    issued = _issue(enrolment.cohort, [enrolment], renewable_by, by, now)
    _tell(by, "certificate.issued", issued.ids[0], {}, now)
    return issued


def issue_to(
    *,
    cohort: Cohort,
    enrolments: Sequence[Enrolment],
    renewable_by: str,
    by: Person | None,
    now: datetime,
) -> Issued:
    """Issue some of a cohort's certificates, for whoever asked for all of them."""
    return _issue(cohort, enrolments, renewable_by, by, now)


def revoke(
    *, certificate_id: uuid.UUID | str, why: str, reason: str, by: Person, now: datetime
) -> PublishedStatus:
    """Revoke a certificate for good; the reason in words stays at this node.

    Raises `NoSuchCertificate`, `NotAllowed`, `AlreadyEnded`.
    """
    row = _locked(certificate_id, by)
    published = _end(row, Certificate.State.REVOKED, why, reason, by, now)
    _tell(by, "certificate.revoked", row.pk, {"why": why, "reason": reason}, now)
    return published


def revoke_deleted(
    *, place_id: int, why: str, reason: str, by: Person, now: datetime
) -> PublishedStatus:
    """Revoke a certificate of which this node has deleted all but its number.

    Raises `NoSuchCertificate`, `NotAllowed`, `AlreadyEnded`.
    """
    place = StatusPosition.objects.select_for_update().filter(pk=place_id).first()
    if place is None or Certificate.objects.filter(position=place_id).exists():
        raise NoSuchCertificate(str(place_id))
    require_issuer(by, place.institution)
    if why not in Why.values or not reason.strip():
        raise ValueError("a revocation has a reason")
    published = _set_bit(place, now)
    _tell(by, "certificate.revoked", place.number, {"why": why, "reason": reason}, now)
    return published


def keep_number(*, credential: Credential) -> int:
    """Keep what revoking a deleted certificate takes, as its own file says it; its position.

    Whoever calls this has verified that this node issued it.
    """
    place, _made = StatusPosition.objects.update_or_create(
        status_list_id=uuid.UUID(credential.status.list_id),
        position=credential.status.index,
        defaults={
            "institution": credential.institution,
            "number": credential.document,
            "valid_until": credential.valid_until,
        },
    )
    return place.pk


def correct(
    *, certificate_id: uuid.UUID | str, why: str, reason: str, by: Person, now: datetime
) -> tuple[Issued, PublishedStatus]:
    """Issue a certificate anew, as person and result are now, and revoke the one it replaces.

    For a changed name, an error, a changed result. Raises what `issue_one` and `revoke` raise, and
    `NotIssuable` for one that has expired.
    """
    row = _locked(certificate_id, by)
    if row.state == Certificate.State.VALID and row.valid_until and row.valid_until <= now:
        raise NotIssuable("expired", row.number)
    enrolment = _locked_enrolment(row.enrolment_id)
    published = _end(row, Certificate.State.REPLACED, why, reason, by, now)
    renewable = parse(row.compact.encode()).credential.renewable_by
    issued = _issue(enrolment.cohort, [enrolment], renewable, by, now, replaces=row)
    detail = {"why": why, "reason": reason, "new": str(issued.ids[0])}
    _tell(by, "certificate.corrected", row.pk, detail, now)
    return issued, published


def note_logged(*, issued: Issued, index: int, now: datetime) -> None:
    """Keep which entry of the own log has the commitments."""
    record = issued.commitments
    Commitment.objects.bulk_create(
        Commitment(
            commitment=one,
            origin=record.origin,
            record_id=uuid.UUID(record.id),
            feed_index=index,
            at=now.replace(microsecond=0),
        )
        for one in record.commitments
    )


def _issue(
    cohort: Cohort,
    enrolments: Sequence[Enrolment],
    renewable_by: str,
    by: Person | None,
    now: datetime,
    replaces: Certificate | None = None,
) -> Issued:
    lesson = lesson_of(cohort)
    _check(enrolments)
    issuer = Issuer(signing_key(), settings.NODE_ADDRESS)
    status_list, is_new, taken = _list_with_room(len(enrolments), now)
    positions = free_positions(len(enrolments), taken, MIN_BITS)
    # Who passed has a number from the end of the cohort on; rows of before that rule get one here.
    number_documents(enrolments, institution_id=cohort.institution_id, now=now)
    numbers = certificate_numbers(enrolments)
    # A correction renews nothing: it begins and ends as what it replaces, also for rules by date.
    begins = parse(replaces.compact.encode()).credential.valid_from if replaces else now
    ends = replaces.valid_until if replaces else valid_until(lesson.facts, now)
    awards = [
        Award(
            holder=enrolment.person.name.strip(),
            document=number,
            hours=_earned(enrolment, lesson),
            result=enrolment.result_percent,
            list_id=str(status_list.pk),
            index=position,
            valid_until=ends,
            renewable_by=renewable_by,
            replaces=str(replaces.pk) if replaces else "",
        )
        for enrolment, number, position in zip(enrolments, numbers, positions, strict=True)
    ]
    signed = [compose(lesson, award, issuer, begins) for award in awards]
    places = StatusPosition.objects.bulk_create(
        StatusPosition(
            status_list=status_list,
            position=position,
            institution=cohort.institution_id,
            number=number,
            valid_until=ends,
        )
        for position, number in zip(positions, numbers, strict=True)
    )
    rows = [
        _row(one, enrolment, place, lesson, by, now, replaces)
        for one, enrolment, place in zip(signed, enrolments, places, strict=True)
    ]
    Certificate.objects.bulk_create(rows)
    hashes = tuple(sorted(one.commitment for one in signed))
    return Issued(
        ids=[str(row.pk) for row in rows],
        commitments=PublishedCommitments(new_id(), settings.NODE_NAME, hashes),
        new_list=_published(status_list) if is_new else None,
    )


def _earned(enrolment: Enrolment, lesson: Taught) -> Hours:
    """What the ledger counts; the course's for one that ended before hours were written down."""
    if enrolment.in_person is None:
        return Hours(**lesson.facts["hours"])
    return Hours(
        in_person=enrolment.in_person,
        live=enrolment.live or 0,
        self_study=enrolment.self_study or 0,
    )


def _row(
    signed: Signed,
    enrolment: Enrolment,
    place: StatusPosition,
    lesson: Taught,
    by: Person | None,
    now: datetime,
    replaces: Certificate | None,
) -> Certificate:
    credential = signed.credential
    return Certificate(
        id=uuid.UUID(credential.id),
        enrolment=enrolment,
        institution_id=credential.institution,
        position=place,
        number=credential.document,
        holder=credential.holder,
        compact=signed.compact.decode(),
        commitment=signed.commitment,
        texts=lesson.texts,
        issued_at=now,
        issued_by=by,
        valid_until=credential.valid_until,
        replaces=replaces,
    )


def _check(enrolments: Sequence[Enrolment]) -> None:
    if any(one.state != Enrolment.State.PASSED for one in enrolments):
        raise NotPassed
    if any(not one.person.name.strip() for one in enrolments):
        raise NotIssuable("no-name")
    held = Certificate.objects.filter(
        enrolment__in=[one.pk for one in enrolments], state=Certificate.State.VALID
    )
    if held.exists():
        raise AlreadyIssued


def _list_with_room(count: int, now: datetime) -> tuple[StatusList, bool, set[int]]:
    """The own list that is being filled, held until the transaction ends; or a new one."""
    # One that was restored from peers is not filled: who has which position of it is not known.
    rows = StatusList.objects.select_for_update().filter(origin=settings.NODE_NAME, feed_index=None)
    newest = rows.order_by("-id").first()
    if newest is not None:
        given = StatusPosition.objects.filter(status_list=newest)
        taken = set(given.values_list("position", flat=True))
        if len(taken) + count <= FULL:
            return newest, False, taken
    made = StatusList.objects.create(
        id=uuid.UUID(new_id()),
        origin=settings.NODE_NAME,
        revision=1,
        bits=empty_list(),
        updated_at=now.replace(microsecond=0),
    )
    return made, True, set()


def _end(
    row: Certificate, state: str, why: str, reason: str, by: Person, now: datetime
) -> PublishedStatus:
    if row.state != Certificate.State.VALID:
        raise AlreadyEnded
    if why not in Why.values or not reason.strip():
        raise ValueError("a revocation has a reason")
    row.state, row.why, row.reason = state, why, reason.strip()[:500]
    row.ended_at, row.ended_by = now, by
    row.save(update_fields=["state", "why", "reason", "ended_at", "ended_by"])
    return _set_bit(row.position, now)


def _set_bit(place: StatusPosition, now: datetime) -> PublishedStatus:
    """Revoke whatever has this position; raises `AlreadyEnded`."""
    status_list = StatusList.objects.select_for_update().get(pk=place.status_list_id)
    if is_set(bytes(status_list.bits), place.position):
        raise AlreadyEnded
    status_list.bits = with_set(bytes(status_list.bits), place.position)
    status_list.revision += 1
    status_list.updated_at = now.replace(microsecond=0)
    status_list.save(update_fields=["bits", "revision", "updated_at"])
    return _published(status_list)


def _published(row: StatusList) -> PublishedStatus:
    return PublishedStatus(str(row.pk), row.origin, row.revision, encode_list(bytes(row.bits)))


def _locked(certificate_id: uuid.UUID | str, by: Person) -> Certificate:
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("position")
    row = rows.filter(pk=certificate_id).first()
    if row is None:
        raise NoSuchCertificate(str(certificate_id))
    require_issuer(by, row.institution_id)
    return row


def _locked_enrolment(enrolment_id: uuid.UUID | str) -> Enrolment:
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("cohort", "person")
    row = rows.filter(pk=enrolment_id).first()
    if row is None:
        raise NoSuchCertificate(str(enrolment_id))
    return row


def _tell(
    by: Person | None,
    action: str,
    certificate_id: object,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="certificate",
        subject_id=str(certificate_id),
        detail=detail,
        now=now,
    )
