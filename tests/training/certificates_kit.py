"""Who issues certificates to whom, and what the log says of it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from chorsu.exchange import blobs
from chorsu.exchange.models import FeedEntry
from chorsu.flows import certifying
from chorsu.institutions.models import Institution, Person
from chorsu.training.models import (
    Certificate,
    Cohort,
    Enrolment,
)
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
