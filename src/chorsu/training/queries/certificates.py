"""Certificates: a person's own, those an office issued, and what logs say of any."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from chorsu.institutions import queries as institutions
from chorsu.institutions.models import Person, Role
from chorsu.training.credentials.errors import NoSuchCertificate
from chorsu.training.credentials.shapes import (
    CertificateLine,
    CertificateView,
    ToIssue,
    WorkView,
)
from chorsu.training.models import (
    Certificate,
    Cohort,
    Commitment,
    Enrolment,
    IssueWork,
    StatusList,
)
from chorsu.training.queries.expiring import renewed
from chorsu.training.queries.fallen import fallen
from chorsu.training.queries.ledger import recognition_rules
from chorsu.training.rules.fields import Hours
from chorsu.training.rules.recognition import Earned, all_forms, recognise
from chorsu.wire.credential import Credential, Signed, parse
from chorsu.wire.credential_file import Held
from chorsu.wire.statuslist import is_set

ISSUING = Role.COORDINATOR
"""The role that issues, revokes and corrects certificates of an institution."""
PAGE = 100


def may_issue(person: Person, institution_id: str) -> bool:
    """Whether the person issues certificates of the institution."""
    return institutions.may(person, ISSUING, institution_id)


def issuing_institutions(person: Person) -> list[str]:
    """Ids of the own institutions whose certificates the person issues."""
    return [one.id for one in institutions.own_institutions() if may_issue(person, one.id)]


def my_certificates(person: Person) -> list[CertificateLine]:
    """The certificates of a person, newest first."""
    rows = _lines().filter(enrolment__person=person).order_by("-issued_at", "-id")
    return [_line(row) for row in rows]


def certificate(certificate_id: uuid.UUID | str, person: Person) -> CertificateView:
    """One certificate, for its holder and for whoever issues; raises `NoSuchCertificate`."""
    rows = _lines().select_related("enrolment", "position")
    row = rows.filter(pk=certificate_id).first()
    if row is None or not (
        row.enrolment.person_id == person.pk or may_issue(person, row.institution_id)
    ):
        raise NoSuchCertificate(str(certificate_id))
    return view_of(row)


def view_of(row: Certificate) -> CertificateView:
    """A row of the database with what it says."""
    line, compact = _line(row), row.compact.encode()
    said = Commitment.objects.filter(commitment=row.commitment).values_list("record_id", flat=True)
    return CertificateView(
        **{name: getattr(line, name) for name in CertificateLine.__dataclass_fields__},
        credential=parse(compact).credential,
        compact=compact,
        commitment=row.commitment,
        texts=row.texts,
        person_id=row.enrolment.person_id,
        cohort_id=str(row.enrolment.cohort_id),
        commitments_record=str(said.first() or ""),
        status_record=str(row.position.status_list_id),
    )


def cohorts_to_issue(person: Person) -> list[ToIssue]:
    """Finished cohorts of the person's institutions in which somebody passed, latest first; two
    queries.
    """
    passed = Count("enrolments", filter=Q(enrolments__state=Enrolment.State.PASSED), distinct=True)
    held = Q(enrolments__certificates__state=Certificate.State.VALID)
    held |= Q(enrolments__in=Enrolment.objects.filter(fallen()))
    issued = Count("enrolments", filter=Q(enrolments__state="passed") & held, distinct=True)
    rows = (
        Cohort.objects.filter(
            institution__in=issuing_institutions(person), state=Cohort.State.FINISHED
        )
        .annotate(passed=passed, issued=issued)
        .filter(passed__gt=0)
        .order_by(F("ends_on").desc(), "id")[:PAGE]
    )
    return [_to_issue(row) for row in rows]


def cohort_to_issue(cohort_id: uuid.UUID | str, person: Person) -> ToIssue:
    """The same of one cohort, with nobody to issue to before it is finished; raises
    `NoSuchCertificate` for whoever does not issue there.
    """
    row = Cohort.objects.filter(pk=cohort_id).first()
    if row is None or not may_issue(person, row.institution_id):
        raise NoSuchCertificate(str(cohort_id))
    enrolled = Enrolment.objects.filter(
        cohort=row, cohort__state=Cohort.State.FINISHED, state=Enrolment.State.PASSED
    )
    row.passed = enrolled.count()  # type: ignore[attr-defined]
    held = Certificate.objects.filter(enrolment=OuterRef("pk"), state=Certificate.State.VALID)
    row.issued = enrolled.filter(Exists(held) | fallen()).count()  # type: ignore[attr-defined]
    return _to_issue(row)


def cohort_certificates(cohort_id: uuid.UUID) -> list[CertificateLine]:
    """The certificates of a cohort, by number; of a large one the newest."""
    rows = _lines().filter(enrolment__cohort=cohort_id).order_by("-issued_at", "number")
    return [_line(row) for row in rows[:PAGE]]


def expiring(institution_ids: Collection[str], before: datetime) -> list[CertificateLine]:
    """Certificates that count and end before a moment and were not renewed, soonest first."""
    rows = _lines().filter(
        ~renewed(),
        institution__in=institution_ids,
        state=Certificate.State.VALID,
        valid_until__lt=before,
    )
    return [_line(row) for row in rows.order_by("valid_until", "id")[:PAGE]]


def last_work(cohort_id: uuid.UUID) -> WorkView | None:
    """The newest work of issuing in a cohort, or None."""
    row = IssueWork.objects.filter(cohort=cohort_id).order_by("-id").first()
    if row is None:
        return None
    names = {
        str(one.pk): one.person.name or one.person.email
        for one in Enrolment.objects.filter(
            pk__in=[enrolment for enrolment, _code in row.refused]
        ).select_related("person")
    }
    return WorkView(
        id=row.pk,
        cohort_id=str(row.cohort_id),
        state=row.state,
        total=row.total,
        done=row.done,
        refused=[(names.get(enrolment, ""), code) for enrolment, code in row.refused],
        trouble=row.trouble,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )


def held_of(signed: Signed) -> Held:
    """What this node's copy of the issuer's log says of a credential; two queries.

    `as_of` is when the list last changed: whoever knows how new the copy is knows better.
    """
    credential = signed.credential
    issued = Commitment.objects.filter(commitment=signed.commitment, origin=credential.node).first()
    listed = StatusList.objects.filter(pk=credential.status.list_id, origin=credential.node).first()
    revoked = None
    if listed is not None and credential.status.index < len(listed.bits) * 8:
        revoked = is_set(bytes(listed.bits), credential.status.index)
    return Held(
        index=issued.feed_index if issued else None,
        issued_at=issued.at if issued else None,
        revoked=revoked,
        as_of=listed.updated_at if listed else None,
    )


def recognised(credential: Credential, institution_id: str) -> tuple[int, str] | None:
    """Academic hours that a certificate counts for at an institution, and the number of the order
    behind the rule; None if no rule there speaks of it. One query.
    """
    rules, basis = recognition_rules(institution_id)
    found = [
        counted
        for title in credential.names.values()
        if (counted := recognise(_earned(credential, title), rules)).rule is not None
    ]
    if not found:
        return None
    # A title is known in any language of the certificate: the rule that names it comes first.
    best = max(found, key=lambda one: one.rule is not None and bool(one.rule.title))
    return all_forms(best.hours), basis[best.rule.id] if best.rule else ""


def status_bits(list_id: uuid.UUID | str, origin: str) -> tuple[bytes, datetime] | None:
    """A status list of a node and when it last changed; None if there is no such list here."""
    row = StatusList.objects.filter(pk=list_id, origin=origin).first()
    return None if row is None else (bytes(row.bits), row.updated_at)


def _earned(credential: Credential, title: str) -> Earned:
    return Earned(
        issuer=credential.institution,
        course=credential.course,
        titles=(title,),
        issued_on=timezone.localdate(credential.valid_from),
        hours=Hours(
            in_person=credential.hours["in_person"],
            live=credential.hours["live"],
            self_study=credential.hours["self_study"],
        ),
    )


def _lines() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("replaced_by")


def _line(row: Certificate) -> CertificateLine:
    credential: Credential = parse(row.compact.encode()).credential
    try:
        replaced_by = str(row.replaced_by.pk)
    except Certificate.DoesNotExist:
        replaced_by = ""
    return CertificateLine(
        id=str(row.pk),
        number=row.number,
        holder=row.holder,
        state=row.state,
        names=credential.names,
        institution_id=row.institution_id,
        hours=credential.all_hours,
        issued_at=credential.valid_from,
        valid_until=row.valid_until,
        ended_at=row.ended_at,
        why=row.why,
        reason=row.reason,
        replaced_by=replaced_by,
    )


def _to_issue(row: Cohort) -> ToIssue:
    return ToIssue(
        cohort_id=str(row.pk),
        course_id=str(row.course_id),
        name=row.name,
        institution_id=row.institution_id,
        ends_on=row.ends_on,
        passed=row.passed,  # type: ignore[attr-defined]
        issued=row.issued,  # type: ignore[attr-defined]
    )
