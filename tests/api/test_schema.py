"""The schema tells the truth: schemathesis asks what it allows and what it forbids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeAlias

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.schemas import OpenApiSchema

from chorsu.flows.teaching import publish_course
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Person
from tests.training.courses.content import ready_draft
from tests.web.library import ID, publish

Asked: TypeAlias = schemathesis.Case[Any]
# Asked without a server between, nobody would unpack the answer.
PLAIN = {"Accept-Encoding": "identity"}
PATHS = (
    "/api/v1/practices",
    "/api/v1/practices/{practice_id}",
    "/api/v1/practices/{practice_id}/similar",
    "/api/v1/courses",
    "/api/v1/courses/{course_id}",
    "/api/v1/institutions",
    "/api/v1/institutions/{institution_id}",
    "/api/v1/search",
    "/api/v1/suggest",
)


@pytest.fixture
def _connection_kept() -> Iterator[None]:
    """Requests of a real server close the connection, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(_connection_kept: None, academy: Institution, now: datetime) -> OpenApiSchema:
    load_institutions(now=now)
    publish(now)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


def test_every_address_is_asked_below(described: OpenApiSchema) -> None:
    assert sorted(described) == sorted(PATHS)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_as_described(
    described: OpenApiSchema, path: str, mode: GenerationMode
) -> None:
    operation = described[path]["GET"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: Asked) -> None:
        case.call_and_validate(headers=PLAIN)

    ask()


def test_a_practice_that_is_there_is_as_described(described: OpenApiSchema) -> None:
    operation = described["/api/v1/practices/{practice_id}"]["GET"]
    operation.Case(path_parameters={"practice_id": ID}).call_and_validate(headers=PLAIN)


def test_a_course_that_is_there_is_as_described(
    described: OpenApiSchema, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    course = publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    operation = described["/api/v1/courses/{course_id}"]["GET"]
    operation.Case(path_parameters={"course_id": course.id}).call_and_validate(headers=PLAIN)
