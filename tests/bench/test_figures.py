"""The cohort that the bench of figures makes is one that their pages draw."""

from __future__ import annotations

import pytest
from bench.training.figures import figures

from chorsu.institutions.models import Institution

pytestmark = pytest.mark.django_db


def test_the_pages_of_the_benchs_cohort_are_drawn_in_few_queries(academy: Institution) -> None:
    found = figures(12)

    assert found["cohort_learners"] == 12
    assert found["cohort_figures_queries"] <= 26
    assert found["cohort_gradebook_queries"] <= 24
    assert found["year_figures_queries"] <= 26
