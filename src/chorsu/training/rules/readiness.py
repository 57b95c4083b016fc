"""What a course still needs before it may be published, and a text before it is whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chorsu.records.fields import FieldError, Words
from chorsu.training.rules.fields import (
    TEXT_FIELDS,
    WORDS,
    Facts,
    Unit,
    files_named,
    hours_of,
    units_of,
)
from chorsu.training.rules.outline import placed


def missing_for_publication(
    words: Mapping[str, str], facts: Facts, files: Collection[str]
) -> list[FieldError]:
    """What a reader or learner must find and does not; empty: publish it.

    Takes clean words and facts and the hashes of the files. A form of a course that asks for a
    result needs a unit that counts towards one (`nothing_counts`).
    """
    missing = [field.name for field in TEXT_FIELDS if field.required and not words.get(field.name)]
    if not facts["themes"]:
        missing.append("themes")
    if not hours_of(facts):
        missing.append("hours")
    if not any(True for _unit in units_of(facts)):
        missing.append("modules")
    missing += [name for name in _row_names(facts) if not words.get(name)]
    for position, module in enumerate(facts["modules"]):
        for place, unit in enumerate(module["units"]):
            missing += [
                name if name.startswith("units.") else f"modules.{position}.units.{place}.{name}"
                for name in _missing_in(unit, words)
            ]
    errors = [FieldError(name, "missing") for name in missing]
    errors += [
        FieldError(path, "no_such_row", {"value": sha256[:40]})
        for sha256, path in files_named(facts).items()
        if sha256 not in files
    ]
    if facts["assessment"]["pass_percent"] and not any(one.weight for one in placed(facts)):
        errors.append(FieldError("assessment.pass_percent", "nothing_counts"))
    return errors


def words_without_row(words: Mapping[str, str], facts: Facts, files: Collection[str]) -> list[str]:
    """Names of words that speak of a module, unit, term, row or file which is not there."""
    units = list(units_of(facts))
    keys = {
        "modules": {module["key"] for module in facts["modules"]},
        "units": {unit["key"] for unit in units},
        "terms": set(facts["terms"]),
        "rubrics": {key for unit in units for key in _rubric(unit)},
        "questions": {key for unit in units for key, _kind in _questions(unit)},
        "files": set(files),
    }
    return WORDS.without_row(words, keys)


def words_with_row(words: Mapping[str, str], facts: Facts, files: Collection[str]) -> Words:
    """The words without those of rows that are not there."""
    gone = set(words_without_row(words, facts, files))
    return {name: text for name, text in words.items() if name not in gone}


def missing_words(original: Mapping[str, str], words: Mapping[str, str]) -> list[str]:
    """Fields that the original has and a text in another language lacks, in reading order."""
    return [name for name, _text in WORDS.in_order(original) if not words.get(name)]


def _row_names(facts: Facts) -> Iterator[str]:
    """Words that rows must have."""
    for module in facts["modules"]:
        yield f"modules.{module['key']}.title"
    for unit in units_of(facts):
        yield f"units.{unit['key']}.title"
        for key in _rubric(unit):
            yield f"rubrics.{key}.criterion"
        for key, kind in _questions(unit):
            yield f"questions.{key}.text"
            if kind == "choice":
                yield f"questions.{key}.choices"
    for key in facts["terms"]:
        yield f"terms.{key}.name"


def _missing_in(unit: Unit, words: Mapping[str, str]) -> list[str]:
    """What a unit of its kind lacks: members of it, or names of words."""
    body = f"units.{unit['key']}.body"
    quiz, video, assignment = unit["quiz"], unit["video"], unit["assignment"]
    lacks = {
        body: unit["kind"] in ("reading", "assignment")
        and not (unit["practice"] or words.get(body)),
        "quiz.draws": quiz is not None and not quiz["draws"],
        "video.variants": video is not None and not video["variants"],
        "assignment.forms": assignment is not None and not assignment["forms"],
        "survey": unit["kind"] == "survey" and not unit["survey"],
        "tool": unit["kind"] == "tool" and not unit["tool"],
        "lab": unit["kind"] == "lab" and not unit["lab"],
    }
    return [name for name, is_missing in lacks.items() if is_missing]


def _rubric(unit: Unit) -> list[str]:
    assignment = unit["assignment"]
    return [row["key"] for row in assignment["rubric"]] if assignment is not None else []


def _questions(unit: Unit) -> list[tuple[str, str]]:
    return [(row["key"], row["kind"]) for row in unit["survey"] or ()]
