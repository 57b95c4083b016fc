"""The schema tells the truth: schemathesis asks what it allows and what it forbids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.schemas import OpenApiSchema

from chorsu.institutions.actions import load_institutions
from tests.web.library import publish


@pytest.fixture
def described(db: None) -> OpenApiSchema:
    now = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    load_institutions(now=now)
    publish(now)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate()
