"""What the documents say of flows, records and codes is what the code does."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from chorsu import flows
from chorsu.exchange.troubles import TROUBLES
from chorsu.flows.ingesting import TABLE
from chorsu.practices.rules import fields
from chorsu.practices.wire import REFUSALS, parse_payload, parse_text_payload
from chorsu.practices.wire import forms as wire
from chorsu.records.fields import TextField
from chorsu.records.forms import MAX_REVISIONS, withdrawal_bytes
from chorsu.records.reading import parse_withdrawal
from chorsu.records.words import WordTable
from chorsu.training.items.fields import (
    ITEM_TYPES,
    Accepted,
    Field,
    Number,
    Option,
    RubricRow,
    Target,
)
from chorsu.training.items.fields import Facts as QuestionFacts
from chorsu.training.items.fields import Picture as QuestionPicture
from chorsu.training.items.fields import Unit as QuestionUnit
from chorsu.training.items.wording import ITEM_WORDS
from chorsu.training.rules.fields import MAX_FILES as MAX_COURSE_FILES
from chorsu.training.rules.fields import (
    MAX_MODULES,
    MAX_UNITS,
    Assessment,
    Assignment,
    Hours,
    Quiz,
    Unit,
    Video,
    units_of,
)
from chorsu.training.rules.fields import WORDS as COURSE_WORDS
from chorsu.training.rules.fields import Facts as CourseFacts
from chorsu.training.wire.banks import MAX_QUESTIONS, parse_bank
from chorsu.training.wire.courses import parse_payload as parse_course
from chorsu.training.wire.courses import parse_text_payload as parse_course_text
from chorsu.web import exchange
from chorsu.web.across import machines
from chorsu.wire.envelope import canonical_json

DOCS = Path(__file__).parents[1] / "docs"
FEDERATION = (DOCS / "FEDERATION.md").read_text(encoding="utf-8")
BLOBS: Mapping[str, bytes] = {
    name: canonical_json(json.loads(shown))
    for name, shown in re.findall(r"<!-- blob: (\S+) -->\n```json\n(.*?)```", FEDERATION, re.DOTALL)
}
PRACTICE_ID = "019349f5-3c00-7d3e-8a52-6f0e6a1f4b01"


def pages() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in (DOCS / "flows").glob("*.md")}


def test_every_flow_has_its_page_and_every_page_its_flow() -> None:
    modules = {
        path.stem
        for folder in flows.__path__
        for path in Path(folder).glob("*.py")
        if path.stem != "__init__"
    }

    told = {
        module
        for text in pages().values()
        for line in text.splitlines()
        if line.startswith("Code: ")
        for module in re.findall(r"`flows/([a-z_]+)\.py`", line)
    }
    assert told == modules
    assert pages().keys() - modules == set()


@pytest.mark.parametrize("name", sorted(pages()))
def test_every_flow_page_tells_of_guards_transactions_and_crashes(name: str) -> None:
    text = pages()[name].lower()

    missing = [
        word
        for word in ("the story.", "guards and refusals", "transaction", "a crash in the middle")
        if word not in text
    ]
    assert missing == []


def first_cells(section: str) -> list[str]:
    """The codes of the first cells of a section's tables."""
    text = re.split(r"^## ", FEDERATION.partition(f"\n## {section}\n")[2], flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def test_every_kind_of_record_is_described() -> None:
    section = FEDERATION.partition("\n## Kinds of record\n")[2].partition("\n### ")[0]

    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == list(TABLE)
    assert [kind for kind in TABLE if f"\n### `{kind}`\n" not in FEDERATION] == []


def test_every_refusal_of_the_exchange_is_in_the_table_of_answers() -> None:
    section = FEDERATION.partition("\n## Requests and answers\n")[2].partition("\n## ")[0]
    own = [
        str(node.args[1].value)
        for door in (exchange, machines)
        for node in ast.walk(ast.parse(Path(door.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "refusal"
        and isinstance(node.args[1], ast.Constant)
    ]

    assert len(own) > 10
    assert [code for code in own if f"`{code}`" not in section] == []


def test_every_trouble_and_refusal_is_listed_and_no_other() -> None:
    listed = first_cells("Troubles")
    formats = first_cells("Codes")

    assert (TROUBLES.keys() | REFUSALS.keys()) - set(listed) - set(formats) == set()
    assert set(listed) - TROUBLES.keys() - REFUSALS.keys() == set()
    assert len(listed) == len(set(listed))


def test_meanings_of_refusals_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", FEDERATION, re.MULTILINE))

    assert {code: rows[code] for code in REFUSALS} == dict(REFUSALS)


@pytest.mark.parametrize(("kind", "table"), [("practice", fields.WORDS), ("course", COURSE_WORDS)])
def test_limits_of_words_are_those_of_the_code(kind: str, table: WordTable) -> None:
    section = FEDERATION.partition(f"\n### `{kind}`\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `([a-z_.<>0-9]+)` \| (\d+) \| (.+) \|$", section, re.MULTILINE)

    def described(name: str, field: TextField) -> tuple[str, str, str]:
        form = ("Markdown" if field.markdown else "plain") + (", lines" if field.lines else "")
        return name, str(field.max_chars), form

    whole = [described(field.name, field) for field in table.fields]
    of_rows = [
        described(f"{group}.<{'sha256' if group == 'files' else 'key'}>.{name}", field)
        for group, names in table.rows.items()
        for name, field in names.items()
    ]
    assert rows == whole + of_rows


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("level", fields.LEVELS),
        ("status", fields.STATUSES),
        ("cost", fields.COSTS),
        ("duration", fields.DURATIONS),
    ],
)
def test_codes_of_facts_are_those_of_the_code(member: str, values: tuple[str, ...]) -> None:
    row = re.search(rf"^\| `{member}` \| (.+) \|$", FEDERATION, re.MULTILINE)

    assert row is not None
    assert tuple(re.findall(r"`([^`]+)`", row[1])) == values


def test_every_member_of_facts_and_blobs_is_described() -> None:
    described = set(first_cells("Kinds of record"))
    described |= set(re.findall(r"`([a-z_]+)`", FEDERATION.partition("\n### `course`\n")[2]))

    members = set(fields.Facts.__annotations__)
    for shape in (CourseFacts, Unit, Assessment, Quiz, Video, Assignment, Hours):
        members |= shape.__annotations__.keys()
    for blob in BLOBS.values():
        members |= json.loads(blob).keys() - {"reason"}
    assert members - described == set()


def test_the_example_of_a_practice_is_one() -> None:
    practice = parse_payload(BLOBS["practice"], "beijing.chorsu.example")

    assert practice.to_bytes() == BLOBS["practice"]
    assert practice.id == PRACTICE_ID


def test_the_example_of_a_course_is_one() -> None:
    course = parse_course(BLOBS["course"], "beijing.chorsu.example")

    assert course.to_bytes() == BLOBS["course"]
    assert [unit["practice"] for unit in units_of(course.facts)] == [PRACTICE_ID, ""]


def test_the_example_of_a_bank_of_questions_is_one() -> None:
    bank = parse_bank(BLOBS["question-bank"], "beijing.chorsu.example")

    assert bank.to_bytes() == BLOBS["question-bank"]
    assert bank.course == json.loads(BLOBS["course"])["id"]


def test_every_part_of_a_question_is_described() -> None:
    section = FEDERATION.partition("\n### `question-bank`\n")[2].partition("\n### ")[0]
    described = set(re.findall(r"`([a-z0-9_]+)`", section.partition("<!-- blob")[0]))

    parts = (
        *(QuestionFacts, Field, Option, Target, Number, Accepted, RubricRow, QuestionUnit),
        QuestionPicture,
    )
    assert {name for part in parts for name in part.__annotations__} - described == set()
    assert set(ITEM_TYPES) - described == set()
    assert f"1 to {MAX_QUESTIONS}, ascending" in section
    limits = {field.name: field.max_chars for field in ITEM_WORDS.values()}
    rows = re.findall(r"^\| (`.+`)[^|]* \| (\d+) \|", section, re.MULTILINE)
    told = {name: int(limit) for cell, limit in rows for name in re.findall(r"`([^`]+)`", cell)}
    assert {name: told[name] for name in limits} == limits


def test_the_example_of_a_translation_is_one() -> None:
    published = parse_text_payload(BLOBS["practice-text"])

    assert published.to_bytes() == BLOBS["practice-text"]
    assert published.record == PRACTICE_ID


def test_the_example_of_a_translated_course_is_one() -> None:
    published = parse_course_text(BLOBS["course-text"])

    assert published.to_bytes() == BLOBS["course-text"]
    assert published.record == json.loads(BLOBS["course"])["id"]
    assert (
        published.text.words.keys()
        == parse_course(BLOBS["course"], "beijing.chorsu.example").original.words.keys()
    )


def test_the_example_of_a_withdrawal_is_one() -> None:
    reason = parse_withdrawal(BLOBS["withdrawal"], wire.KIND, PRACTICE_ID)

    again = withdrawal_bytes(kind=wire.KIND, record_id=PRACTICE_ID, reason=reason)
    assert again == BLOBS["withdrawal"]


def test_a_reader_counts_the_same_caps() -> None:
    assert f"to {wire.MAX_FILES}, each `sha256`" in FEDERATION
    assert f"to {MAX_REVISIONS:,}, each `revision`".replace(",", " ", 1) in FEDERATION
    assert f"At most {fields.MAX_ROWS} rows a group" in FEDERATION
    assert f"up to {MAX_COURSE_FILES} `files`" in FEDERATION
    assert f"At most {MAX_MODULES} modules, and {MAX_UNITS} each" in FEDERATION
