"""Who issues certificates to whom, and what the log says of it."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from chorsu.exchange import blobs, keys
from chorsu.exchange.models import FeedEntry
from chorsu.flows import certifying
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.records.shapes import Arrival
from chorsu.training.actions import certifying as actions
from chorsu.training.actions import credential_logs as logs
from chorsu.training.credentials.errors import (
    AlreadyEnded,
    AlreadyIssued,
    NoSuchCertificate,
    NotIssuable,
    NotPassed,
)
from chorsu.training.models import (
    Certificate,
    Cohort,
    Enrolment,
    IssueWork,
    Recognition,
    StatusList,
    StatusPosition,
)
from chorsu.training.queries import certificates as queries
from chorsu.wire.credential import check_signature, parse, sign
from chorsu.wire.credential_file import parse_certificate, verify_certificate
from chorsu.wire.credential_records import MAX_COMMITMENTS, parse_commitments, parse_status
from chorsu.wire.envelope import blob_hash
from chorsu.wire.statuslist import is_set
from tests.training import passed


@pytest.fixture
def officer(academy: Institution) -> Person:
    return passed.officer(academy)


@pytest.fixture
def group(academy: Institution, now: datetime) -> Cohort:
    return passed.cohort(academy, now)


def logged(kind: str) -> list[bytes]:
    """The blobs of the own log of one kind, in order."""
    rows = FeedEntry.objects.order_by("index")
    found = [blobs.read(row.blob) for row in rows if json.loads(bytes(row.leaf))["kind"] == kind]
    return [one for one in found if one is not None]


def issue(enrolment: Enrolment, by: Person, now: datetime, renewable_by: str = "") -> Certificate:
    number = certifying.issue(enrolment_id=enrolment.pk, renewable_by=renewable_by, by=by, now=now)
    return Certificate.objects.get(pk=number)
