"""Rules as data: windows, hours, who may, what counts; codes; days that end a month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.training.rules import codes, eligibility, recognition
from chorsu.training.rules.eligibility import Candidate
from chorsu.training.rules.fields import Hours
from chorsu.training.rules.programmes import (
    Programme,
    add_months,
    programme,
    programmes,
    window,
)
from chorsu.training.rules.recognition import Earned, RecognitionRule
from chorsu.training.rules.retention import Bounds, kept_since, months_in, retention

DAY = date(2026, 12, 7)


def kind(code: str) -> Programme:
    found = programme(code, ["hub-astana"])
    assert found is not None
    return found


def test_every_programme_has_a_name_in_each_language() -> None:
    named = [one.names for one in programmes([])]
    assert len(named) >= 3
    assert [names for names in named if set(names) != set(TAGS) or not all(names.values())] == []


def test_nominations_close_five_days_before_the_start() -> None:
    last = window(kind("retraining"), DAY).closes_on
    assert last == date(2026, 12, 2)
    assert eligibility.window_refusals(kind("retraining"), DAY, last) == []
    late = eligibility.window_refusals(kind("retraining"), DAY, last + timedelta(days=1))
    assert [(one.code, one.params["days"]) for one in late] == [("closed", 5)]
    early = eligibility.window_refusals(kind("upgrading"), DAY, DAY - timedelta(days=61))
    assert [one.code for one in early] == ["not_open_yet"]


@pytest.mark.parametrize(
    ("code", "hours", "refused"),
    [
        ("retraining", 119, ["too_few_hours"]),
        ("retraining", 120, []),
        ("upgrading", 7, ["too_few_hours"]),
        ("upgrading", 8, []),
        ("upgrading", 80, []),
        ("upgrading", 81, ["too_many_hours"]),
    ],
)
def test_hours_of_a_kind_of_training(code: str, hours: int, refused: list[str]) -> None:
    assert [one.code for one in eligibility.hours_refusals(kind(code), hours)] == refused


def refused(code: str, candidate: Candidate, **more: object) -> list[str]:
    asked = {"course": "c", "positions": [], "prerequisites": [], "starts_on": DAY, **more}
    found = eligibility.person_refusals(kind(code), candidate=candidate, **asked)  # type: ignore[arg-type]
    return [one.code for one in found]


def test_retraining_begins_within_six_months_of_the_appointment() -> None:
    assert refused("retraining", Candidate("specialist", date(2026, 6, 7), {})) == []
    late = Candidate("specialist", date(2026, 6, 6), {})
    assert refused("retraining", late) == ["appointed_too_long_ago"]
    assert refused("retraining", Candidate("specialist", None, {})) == ["appointment_missing"]
    assert refused("upgrading", Candidate("specialist", None, {})) == []


def test_past_training_decides_on_prerequisites_and_on_taking_it_again() -> None:
    candidate = Candidate("specialist", None, {"c": date(2026, 1, 10)})
    assert refused("upgrading", candidate) == ["again_too_soon"]
    assert refused("upgrading", candidate, starts_on=date(2027, 1, 10)) == []
    assert refused("seminar", candidate) == []
    assert refused("seminar", candidate, prerequisites=["c", "d"]) == ["prerequisite"]


def test_a_course_for_some_positions_refuses_others_once() -> None:
    candidate = Candidate("specialist", None, {})
    assert refused("seminar", candidate, positions=["leading", "political"]) == ["category"]
    assert refused("seminar", candidate, positions=["specialist"]) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_where_the_calendar_ends(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


def test_periods_of_keeping_count_back_from_today() -> None:
    assert kept_since(12, DAY) == date(2025, 12, 7)
    assert kept_since(0.1, DAY) == date(2026, 12, 4)
    assert kept_since(0, DAY) is None


def test_the_nearest_institution_that_set_a_period_has_the_last_word() -> None:
    reach = ["kg-apa-osh", "kg-apa"]
    own = {("kg-apa", "messages"): 3, ("kg-apa-osh", "learning"): 24}
    assert months_in("messages", reach, own) == 3
    assert months_in("learning", reach, own) == 24
    assert months_in("learning", reach[1:], own) == retention().learning


def test_a_period_without_end_is_allowed_only_where_the_bounds_have_none() -> None:
    assert [Bounds(6, 12).allow(one) for one in (0, 5, 6, 12, 13)] == [
        False, False, True, True, False,
    ]  # fmt: skip
    assert [Bounds(60, 0).allow(one) for one in (0, 59, 60, 9_999)] == [True, False, True, True]


def test_the_periods_of_the_node_are_within_its_own_bounds() -> None:
    kept = retention()
    assert [what for what, one in kept.bounds.items() if not one.allow(kept.months(what))] == []


def rule(number: int = 1, **changes: object) -> RecognitionRule:
    said: dict[str, object] = {
        "id": number, "issuer": "cn-nag", "course": "", "title": "", "form": "", "percent": 100,
        "most_hours": 0, "since": date(2025, 1, 1), "until": None,
    }  # fmt: skip
    return RecognitionRule(**(said | changes))  # type: ignore[arg-type]


def earned(**changes: object) -> Earned:
    hours = Hours(in_person=30, live=15, self_study=11)
    said: dict[str, object] = {
        "issuer": "cn-nag", "course": "x", "titles": ("Digital Government",), "hours": hours,
        "issued_on": date(2026, 5, 1),
    }  # fmt: skip
    return Earned(**(said | changes))  # type: ignore[arg-type]


def test_half_of_the_hours_count_whole_ones_only() -> None:
    counted = recognition.recognise(earned(), [rule(percent=50)])
    assert counted.hours == Hours(in_person=15, live=7, self_study=5)


def test_hours_counted_as_one_form_and_up_to_a_limit() -> None:
    as_live = recognition.recognise(earned(), [rule(form="live", most_hours=40)])
    assert as_live.hours == Hours(in_person=0, live=40, self_study=0)
    kept = recognition.recognise(earned(), [rule(most_hours=40)])
    assert kept.hours == Hours(in_person=30, live=10, self_study=0)


def test_the_rule_that_speaks_most_exactly_counts() -> None:
    rules = [
        rule(1, percent=10),
        rule(2, percent=20, title="DIGITAL government"),
        rule(3, percent=30, course="x"),
        rule(4, percent=40, course="y"),
    ]
    assert recognition.recognise(earned(), rules).rule == rules[2]
    assert recognition.recognise(earned(course="z"), rules).rule == rules[1]
    assert recognition.recognise(earned(course="z", titles=("Law",)), rules).rule == rules[0]


def test_what_no_rule_recognises_counts_nothing() -> None:
    for rules in ([], [rule(issuer="uz-apa")], [rule(until=date(2026, 4, 30))]):
        counted = recognition.recognise(earned(), rules)
        assert (counted.rule, recognition.all_forms(counted.hours)) == (None, 0)


def test_a_code_is_taken_in_its_minute_and_the_next_and_in_its_session_alone() -> None:
    shown = datetime(2026, 12, 7, 5, 0, 59, tzinfo=UTC)
    code = codes.code_at(b"secret", "one", shown)
    assert len(code) == 6
    assert codes.is_code(f"{code[:3]} {code[3:]}", b"secret", "one", shown)
    wide = code.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    assert codes.is_code(wide, b"secret", "one", shown)
    assert codes.is_code(code, b"secret", "one", shown + timedelta(seconds=60))
    assert not codes.is_code(code, b"secret", "one", shown + timedelta(seconds=61))
    assert not codes.is_code(code, b"secret", "two", shown)
    assert not codes.is_code(code, b"other", "one", shown)
    assert not codes.is_code("", b"secret", "one", shown)


def test_every_refusal_has_a_sentence_in_each_language() -> None:
    from chorsu.web.cohorts.sentences import refusal

    params: dict[str, eligibility.Param] = {
        "day": DAY, "days": 5, "hours": 4, "min": 8, "max": 80, "category": "specialist",
        "months": 6, "course": "c", "state": "planned",
    }  # fmt: skip
    sentences: dict[str, set[str]] = {}
    for language in LANGUAGES:
        with translation.override(language.django_code):
            for code in eligibility.CODES:
                said = refusal(eligibility.Refusal(code, params), None)
                assert said
                assert "%(" not in said
                sentences.setdefault(code, set()).add(said)
    # Eight languages, eight sentences: none came through untranslated.
    assert {code: len(said) for code, said in sentences.items()} == dict.fromkeys(
        eligibility.CODES, 8
    )
