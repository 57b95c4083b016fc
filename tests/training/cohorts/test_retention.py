"""How long an institution keeps data on learners: set within bounds, foretold, and then so done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution
from chorsu.institutions.queries import forget_institutions
from chorsu.training.actions.retaining import forget_old, set_periods
from chorsu.training.models import Cohort, Message, RetentionPeriod
from chorsu.training.queries.retention import periods, run_out_in
from tests.training.cohorts.factory import ENDS, Desk

pytestmark = pytest.mark.django_db

HERE = "hub-astana"
LATER = ENDS + timedelta(days=100)
"""More than three months after the end of the cohort, less than a year."""


@pytest.fixture
def branch(desk: Desk) -> Institution:
    """A branch with a cohort like that of the institution above it; a message in each."""
    made = Institution.objects.create(
        id="hub-branch", country="KZ", node=Institution.objects.get(pk=HERE).node, parent_id=HERE
    )
    forget_institutions()
    say(desk)
    there = Cohort.objects.get(pk=desk.cohort)
    say(
        desk,
        Cohort.objects.create(
            id="019349fa-0000-7c11-9b3d-2f6a5c8e7d99", course=there.course, institution=made,
            revision=there.revision, name="There", starts_on=there.starts_on,
            ends_on=there.ends_on, capacity=0, created_at=desk.now, changed_at=desk.now,
        ),
    )  # fmt: skip
    return made


def say(desk: Desk, cohort: Cohort | None = None) -> None:
    Message.objects.create(
        cohort=cohort or Cohort.objects.get(pk=desk.cohort), subject="Hello", text="All",
        language="en", created_at=desk.now,
    )  # fmt: skip


def keep(desk: Desk, institution: str = HERE, **months: int | None) -> None:
    set_periods(institution_id=institution, months=months, by=desk.officer, now=desk.now)


def held(institution: str) -> Mapping[str, int]:
    return {one.what: one.months for one in periods(institution)}


def test_what_an_institution_has_set_holds_there_and_is_told(desk: Desk) -> None:
    say(desk)
    assert forget_old(today=LATER) == {}
    keep(desk, messages=3, learning=None)
    assert held(HERE)["messages"] == 3
    event = AuditEvent.objects.get(action="retention.set")
    assert (event.subject_id, event.detail) == (HERE, {"kept": "messages", "months": 3})
    assert forget_old(today=LATER) == {"messages": 1}


def test_a_longer_period_keeps_what_the_node_would_delete(desk: Desk) -> None:
    say(desk)
    keep(desk, messages=60)
    assert forget_old(today=ENDS + timedelta(days=400)) == {}
    assert Message.objects.count() == 1


def test_taken_back_it_is_as_at_the_node_again(desk: Desk) -> None:
    keep(desk, messages=3)
    keep(desk, messages=None)
    assert held(HERE)["messages"] == 12
    assert not RetentionPeriod.objects.exists()


def test_a_branch_keeps_as_the_institution_above_it_unless_it_has_set_its_own(
    desk: Desk, branch: Institution
) -> None:
    keep(desk, messages=3)
    assert held(branch.id)["messages"] == 3
    keep(desk, branch.id, messages=24)
    assert (held(branch.id)["messages"], held(HERE)["messages"]) == (24, 3)
    forget_old(today=LATER)
    assert Message.objects.get().cohort.institution_id == branch.id


def test_what_is_foretold_is_what_the_night_deletes(desk: Desk, branch: Institution) -> None:
    desk.nominate("a@x.example")
    wanted = {"messages": 3, "refused": 2}
    assert run_out_in(HERE, {}, LATER) == {
        "refused": 0, "messages": 0, "attendance": 0, "learning": 0, "results": 0,
    }  # fmt: skip
    foretold = run_out_in(HERE, wanted, LATER)
    assert (foretold["messages"], foretold["refused"]) == (2, 1)
    keep(desk, branch.id, messages=24)
    assert run_out_in(HERE, wanted, LATER)["messages"] == 1
    keep(desk, **wanted)
    gone = forget_old(today=LATER)
    assert (gone["messages"], gone["refused"]) == (1, 1)


@pytest.mark.parametrize(
    ("what", "months"),
    [("messages", 0), ("messages", 61), ("attendance", 5), ("results", 59), ("previews", 3)],
)
def test_what_is_out_of_bounds_is_refused_and_changes_nothing(
    desk: Desk, what: str, months: int
) -> None:
    with pytest.raises(ValidationError) as refused:
        keep(desk, learning=12, **{what: months})
    assert list(refused.value.message_dict) == [what]
    assert not RetentionPeriod.objects.exists()


def test_results_are_not_deleted_before_what_would_go_with_them(
    desk: Desk, branch: Institution
) -> None:
    with pytest.raises(ValidationError) as refused:
        keep(desk, results=60, learning=120)
    assert list(refused.value.message_dict) == ["results"]
    keep(desk, results=60, learning=60)
    for there, months in ((HERE, {"attendance": 61}), (branch.id, {"learning": 61})):
        with pytest.raises(ValidationError):
            keep(desk, there, **months)
    # What a branch keeps for longer holds the institution above it too.
    keep(desk, branch.id, results=0, learning=120)
    with pytest.raises(ValidationError):
        keep(desk, branch.id, results=None, learning=120)
    assert (held(branch.id)["learning"], held(branch.id)["results"]) == (120, 0)
    keep(desk, branch.id, results=None, learning=None)
    assert held(branch.id)["learning"] == 60


def test_results_may_be_kept_without_end(desk: Desk) -> None:
    keep(desk, results=0)
    forget_old(today=ENDS.replace(year=ENDS.year + 200))
    assert held(HERE)["results"] == 0


def test_only_a_training_officer_of_the_institution_sets_it(desk: Desk) -> None:
    for somebody in (desk.teacher, desk.nominator):
        with pytest.raises(NotAllowed):
            set_periods(institution_id=HERE, months={"messages": 3}, by=somebody, now=desk.now)
    assert not RetentionPeriod.objects.exists()
