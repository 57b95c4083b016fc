"""What a learner sees, and what a page sends back."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from chorsu.training.items import (
    InvalidResponse,
    Item,
    clean_facts,
    clean_response,
    doubts,
    score,
    shown,
)
from tests.training.items import builders

ALL = [
    builders.single(),
    builders.multiple(),
    builders.matching(),
    builders.ordering(),
    builders.numeric(),
    builders.short_text("en", "secret-word"),
    builders.cloze(),
    builders.essay(),
]


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.facts["type"])
def test_a_learner_never_sees_what_is_right(item: Item) -> None:
    sent = json.dumps(asdict(shown(item, "en", seed="s")), ensure_ascii=False)

    keys = {row["key"] for field in item.facts["fields"] for row in field["options"]}
    tokens = {one.token for field in shown(item, "en", seed="s").fields for one in field.options}
    assert not keys & tokens
    for word in ("credit", "tolerance", "secret-word", "Tashkent", "Well done", "1991"):
        assert word not in sent


def test_the_order_of_an_ordering_says_nothing_even_unshuffled() -> None:
    plain = builders.ordering()
    facts = {**plain.facts, "shuffle": False}
    item = Item(plain.id, 1, "en", facts, plain.texts)  # type: ignore[arg-type] - the same facts

    orders = {
        tuple(one.text for one in shown(item, "en", seed=str(seed)).fields[0].options)
        for seed in range(20)
    }

    assert len(orders) > 5


def test_a_fixed_choice_keeps_its_place_among_the_shuffled() -> None:
    plain = builders.multiple()
    facts = clean_facts(
        {
            **plain.facts,
            "fields": [
                {
                    **plain.facts["fields"][0],
                    "options": [
                        {**row, "fixed": row["key"] in "bd"}
                        for row in plain.facts["fields"][0]["options"]
                    ],
                }
            ],
        }
    )
    item = Item(plain.id, 1, "en", facts, plain.texts)

    orders = {
        tuple(one.text for one in shown(item, "en", seed=str(seed)).fields[0].options)
        for seed in range(20)
    }

    assert orders == {("A", "B", "C", "D"), ("C", "B", "A", "D")}


def test_the_same_seed_shows_the_same_order_in_every_language() -> None:
    single = builders.single()
    here = [one.token for one in shown(single, "en", seed="s").fields[0].options]
    there = [one.token for one in shown(single, "ky", seed="s").fields[0].options]

    assert here == there
    assert [shown(single, tag, seed="s").language for tag in ("ky", "tk")] == ["ky", "en"]


def test_a_gap_stands_where_the_stem_has_it() -> None:
    parts = shown(builders.cloze(), "en", seed="s").parts

    assert [key for _, key in parts] == ["who", "year", "where", ""]
    assert parts[1][0] == " declared it in **"


def test_tokens_come_back_as_the_keys_they_stand_for() -> None:
    matching = builders.matching()
    field = shown(matching, "en", seed="s").fields[0]
    by_text = {one.text: one.token for one in (*field.options, *field.targets)}

    raw = {"answer": {by_text[key]: by_text[key.upper()] for key in "abc"}}
    response = clean_response(matching, raw, seed="s")

    assert score(matching, response, "en").state == "right"
    with pytest.raises(InvalidResponse):
        clean_response(matching, raw, seed="another attempt")


def test_an_answer_that_no_page_sends_is_refused_and_names_its_field() -> None:
    multiple = builders.multiple()
    token = shown(multiple, "en", seed="s").fields[0].options[0].token

    for raw, code in [
        ({"answer": [token, token]}, "duplicate"),
        ({"answer": token}, "not_a_list"),
        ({"answer": ["a"]}, "unknown"),
        ({"other": [token]}, "unknown"),
    ]:
        with pytest.raises(InvalidResponse) as refused:
            clean_response(multiple, raw, seed="s")
        assert [error.code for error in refused.value.errors] == [code]


def test_a_target_is_used_no_more_often_than_it_may_be() -> None:
    matching = builders.matching()
    field = shown(matching, "en", seed="s").fields[0]
    target = field.targets[0].token

    with pytest.raises(InvalidResponse) as refused:
        clean_response(matching, {"answer": {o.token: target for o in field.options}}, seed="s")

    assert refused.value.errors[0].code == "too_many"


def test_a_number_that_cannot_be_read_is_kept_and_doubted() -> None:
    numeric = builders.numeric("required")

    def codes(typed: str) -> list[str]:
        response = clean_response(numeric, {"answer": typed}, seed="s")
        assert response == {"answer": typed}
        return [doubt.code for doubt in doubts(numeric, response, "en")]

    assert codes("1,234 m") == ["two_ways"]
    assert codes("far") == ["not_a_decimal"]
    assert codes("1.5") == ["unit_missing"]
    assert codes("1.5 leagues") == ["unknown_unit"]
    assert codes("1.5 km") == []


def test_an_empty_answer_is_none() -> None:
    assert clean_response(builders.cloze(), {"who": "", "year": " "}, seed="s") == {}
