"""People who write courses."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from chorsu.institutions.models import Institution, Person
from chorsu.training.shapes.courses import CourseDraftView
from tests.web.course_editor.content import ready_course
from tests.web.library import ID, publish
from tests.web.writing_desk import signed_in, writer


@pytest.fixture
def aigul(academy: Institution) -> Person:
    return writer(academy)


@pytest.fixture
def desk(aigul: Person) -> Client:
    return signed_in(aigul)


@pytest.fixture
def draft(aigul: Person, now: datetime) -> CourseDraftView:
    return ready_course(aigul, now)


@pytest.fixture
def practice(academy: Institution, now: datetime) -> str:
    """The id of a published practice about one window."""
    publish(now)
    return ID
