"""An open cohort with the people around it."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.models import Institution
from tests.training.cohorts.factory import Desk
from tests.training.cohorts.factory import desk as make


@pytest.fixture
def desk(academy: Institution, now: datetime) -> Desk:
    return make(academy, now)
