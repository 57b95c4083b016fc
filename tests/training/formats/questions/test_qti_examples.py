"""QTI: shapes of the examples that 1EdTech publishes, in items of our own.

The examples themselves are not ours to keep here; what came of reading them is in
`docs/training/questions.md`.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from chorsu.training.formats.questions import VERSIONS, read
from chorsu.training.formats.questions.qti import Version
from chorsu.training.items import Item, ItemText, score
from tests.training.formats.packing import written_package
from tests.training.formats.questions import samples

_STEPS = "ABCDEF"


def _order(steps: str, paid: str) -> bytes:
    """Steps in the order of the alphabet; another order earns a part."""
    correct = ",".join(steps)
    choices = "".join(
        f'<qti-simple-choice identifier="{one}">Step {one}</qti-simple-choice>' for one in steps
    )
    listed = "".join(
        f'<qti-base-value base-type="identifier">{one}</qti-base-value>' for one in paid
    )
    variable = '<qti-variable identifier="RESPONSE"/>'
    return samples.qti3(
        samples.response("ordered", "identifier", correct),
        '<qti-order-interaction response-identifier="RESPONSE" shuffle="true">'
        f"<qti-prompt>In order, please.</qti-prompt>{choices}</qti-order-interaction>",
        "<qti-response-processing><qti-response-condition><qti-response-if><qti-match>"
        f'{variable}<qti-correct identifier="RESPONSE"/></qti-match>{_score(2)}</qti-response-if>'
        f"<qti-response-else-if><qti-match>{variable}<qti-ordered>{listed}</qti-ordered>"
        f"</qti-match>{_score(1)}</qti-response-else-if>"
        f"<qti-response-else>{_score(0)}</qti-response-else>"
        "</qti-response-condition></qti-response-processing>",
    )


def _score(points: int) -> str:
    return (
        '<qti-set-outcome-value identifier="SCORE">'
        f'<qti-base-value base-type="float">{points}</qti-base-value></qti-set-outcome-value>'
    )


@pytest.mark.parametrize(
    ("steps", "paid"),
    [
        ("ABC", "ACB"),
        ("ABC", "CBA"),
        ("ABC", "BCA"),
        (_STEPS, "ABCDFE"),
        (_STEPS, "DBCAEF"),
        (_STEPS, "BACDFE"),
    ],
)
def test_an_order_that_earns_a_part_is_named_whichever_it_is(steps: str, paid: str) -> None:
    report = read(_order(steps, paid), "order.xml", "en")

    assert report.found == ()
    assert [one.code for one in report.troubles] == ["part_order"]


@pytest.mark.parametrize("steps", ["ABC", _STEPS])
def test_an_order_that_earns_all_or_nothing_is_read(steps: str) -> None:
    whole = _order(steps, steps)

    (found,) = read(whole, "order.xml", "en").found

    assert found.facts["points"] == "2"
    assert [row["key"] for row in found.facts["fields"][0]["options"]] == list(steps.lower())


def _gap(entries: str) -> bytes:
    return samples.qti3(
        samples.response("single", "string", "Almaty").replace(
            "</qti-response-declaration>",
            f'<qti-mapping default-value="0">{entries}</qti-mapping></qti-response-declaration>',
        ),
        '<p>City: <qti-text-entry-interaction response-identifier="RESPONSE"/>.</p>',
        samples.template("map_response"),
    )


def _entry(key: str, points: str) -> str:
    return f'<qti-map-entry map-key="{key}" mapped-value="{points}"/>'


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize(
    ("entries", "answer", "points"),
    [
        (_entry("Almaty", "1") + _entry("almaty", "0.5"), "Almaty", "1"),
        (_entry("Almaty", "1") + _entry("almaty", "0.5"), "almaty", "0.5"),
        (_entry("Almaty", "1") + _entry("almaty", "0.5"), "ALMATY", "0"),
        (_entry("Almaty", "1"), "ALMATY", "1"),
    ],
)
def test_entries_that_differ_only_in_case_mean_it(
    entries: str, answer: str, points: str, version: Version
) -> None:
    (first,) = read(_gap(entries), "gap.xml", "en").found
    package, left_out = written_package([("gap", first.facts, first.texts)], version)
    (again,) = read(package, "again.zip", "en").found

    assert left_out == []
    for found in (first, again):
        texts = {tag: ItemText(words, "original", 1) for tag, words in found.texts.items()}
        item = Item("q", 1, "en", found.facts, texts)
        assert score(item, {"response": answer}, "en").points == Decimal(points)


@pytest.mark.parametrize(
    ("mapping", "maximum", "named"),
    [
        ("A=1,C=1", 2, True),
        ("A=1,C=1", 3, False),
        ("A=1,C=1", 0, False),
        ("A=1,C=1,B=-1", 2, False),
    ],
)
def test_a_limit_of_choices_is_named_where_choosing_all_would_pay(
    mapping: str, maximum: int, *, named: bool
) -> None:
    content = samples.qti3(
        samples.response("multiple", "identifier", "A,C", mapping),
        samples.choice(maximum),
        samples.template("map_response"),
    )

    report = read(content, "limited.xml", "en")

    troubles = [(one.code, one.params) for one in report.troubles]
    assert troubles == ([("choice_limit", {"count": 2})] if named else [])
    assert len(report.found) == (0 if named else 1)
