"""A link without a column: the node makes one where the learning system lets it (AGS 2.0)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.cache import cache

from chorsu.flows.scoring import send_due
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions.scores import note_percents
from chorsu.tools.models import Column, ScoreLine
from chorsu.tools.rules import LINE_ITEMS, SCORE
from tests.flows.lti_scene import Scene, guest, scene

__all__ = ["scene"]
pytestmark = pytest.mark.django_db(transaction=True)


def arrive(scene: Scene, unit: str = "q1", sub: str = "17", **endpoint: object) -> None:
    """Come by a link that has no column."""
    cache.clear()
    may = {"scope": [SCORE, LINE_ITEMS], "lineitems": f"{scene.system.url}/course/2/lineitems"}
    scene.launch(target_link_uri=scene.target(unit), sub=sub, endpoint={**may, **endpoint})


def earn(scene: Scene, percent: int = 80) -> None:
    """Everybody who came has a result, and it is sent."""
    for line in ScoreLine.objects.all():
        note_percents(
            person_id=line.person_id, cohort_id=scene.cohort, now=utc_now(),
            percent_of=lambda _unit: Decimal(percent),
        )  # fmt: skip
    send_due(now=utc_now())


def test_a_column_is_made_with_the_first_result_and_once(scene: Scene) -> None:
    arrive(scene)
    assert scene.system.columns == []
    arrive(scene)
    arrive(scene, sub="18")
    earn(scene)
    assert scene.system.columns == [{
        "scoreMaximum": 100, "label": "Test yourself", "resourceId": f"{scene.cohort}/q1",
        "resourceLinkId": "5", "id": f"{scene.system.url}/course/2/lineitem?type_id=2",
    }]  # fmt: skip
    assert sorted(str(one["userId"]) for one in scene.system.scores) == ["17", "18"]
    earn(scene, 90)
    assert (len(scene.system.columns), len(scene.system.scores)) == (1, 4)


def test_a_column_whose_answer_was_lost_is_found_and_not_made_twice(scene: Scene) -> None:
    arrive(scene)
    earn(scene)
    Column.objects.update(line_item="")
    earn(scene, 90)
    assert (len(scene.system.columns), len(scene.system.scores)) == (1, 2)


def test_units_of_one_course_have_columns_of_their_own(scene: Scene) -> None:
    arrive(scene, "q1")
    arrive(scene, "")
    earn(scene)
    assert [one["resourceId"] for one in scene.system.columns] == [
        f"{scene.cohort}/q1", str(scene.cohort),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "endpoint",
    [{"scope": [SCORE]}, {"scope": [LINE_ITEMS]}, {"scope": "x"}, {"lineitems": None},
     {"lineitems": "javascript:alert(1)"}, {"lineitems": "http://10.0.0.1/items"}],
    ids=str,
)  # fmt: skip
def test_no_column_is_made_where_it_is_not_allowed(
    scene: Scene, endpoint: dict[str, object]
) -> None:
    arrive(scene, **endpoint)
    assert guest().pk
    assert not ScoreLine.objects.exists()


def test_a_reading_has_no_column(scene: Scene) -> None:
    arrive(scene, "r1")
    assert not ScoreLine.objects.exists()


def test_a_column_that_there_is_is_used_and_none_is_made(scene: Scene) -> None:
    arrive(scene, lineitem=scene.system.line_item)
    earn(scene)
    assert (scene.system.columns, Column.objects.exists()) == ([], False)
    assert len(scene.system.scores) == 1


def test_a_column_at_another_host_is_none(scene: Scene) -> None:
    """Else the access token goes to where the answer says."""
    scene.system.column_host = "http://127.0.0.2:9"
    arrive(scene)
    earn(scene)
    assert ScoreLine.objects.get().trouble == "peer-error"
    assert Column.objects.get().line_item == ""


def test_a_column_that_later_launches_name_is_written_by_one_line(scene: Scene) -> None:
    arrive(scene)
    earn(scene)
    [column] = scene.system.columns
    arrive(scene, lineitem=column["id"])
    earn(scene, 90)
    assert ScoreLine.objects.get().line_item == column["id"]
    assert [one["scoreGiven"] for one in scene.system.scores] == [80, 90]


def test_a_column_that_was_deleted_there_is_made_anew(scene: Scene) -> None:
    arrive(scene)
    earn(scene)
    scene.system.columns.clear()
    scene.system.answer = 404
    earn(scene, 90)
    assert Column.objects.get().line_item == ""
    scene.system.answer = 200
    ScoreLine.objects.update(due_at=utc_now())
    send_due(now=utc_now())
    assert len(scene.system.columns) == 1
    assert scene.system.scores[-1]["scoreGiven"] == 90
