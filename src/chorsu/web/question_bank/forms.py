"""The form of a question: rows of its fields beside the words of its original, and read back.

Names in the page: a cell is `<group>-<field>-<key>-<column>`, a row is named once by
`rows-<field>-<group>`, so that rows keep their order and their keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chorsu.training.items import (
    MARKED_KINDS,
    ONLY_FIELD,
    Facts,
    empty_facts,
    empty_field,
)
from chorsu.training.items.showing import GAP
from chorsu.web.question_bank.labels import GROUPS, ROW_WORDS

MOST_ROWS = 30
_SPARE = 2
_AT_FIRST = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A column of rows. `kind`: line, lines, number, check; `word`: of the original's words."""

    name: str
    label: str | Promise
    kind: str
    word: bool = False
    hint: str | Promise = ""


_CREDIT = Column("credit", _("Points, %"), "number")
_FEEDBACK = Column("feedback", ROW_WORDS["options.feedback"], "lines", word=True)
_TEXT = Column("text", ROW_WORDS["options.text"], "lines", word=True)
_FIXED = Column("fixed", _("Keeps its place"), "check")
# Kind of field -> groups of rows -> columns. `target` of a pair is the text it belongs with.
COLUMNS: Mapping[str, Mapping[str, Sequence[Column]]] = {
    "choice": {"options": (_TEXT, _CREDIT, _FIXED, _FEEDBACK)},
    "choices": {"options": (_TEXT, _CREDIT, _FIXED, _FEEDBACK)},
    "order": {"options": (_TEXT,)},
    "match": {"options": (_TEXT, Column("target", ROW_WORDS["targets.text"], "lines"), _FEEDBACK)},
    "number": {
        "numbers": (
            Column("value", _("Number"), "number"),
            Column("tolerance", _("May differ by"), "number"),
            Column("relative", _("in percent"), "check"),
            _CREDIT,
            _FEEDBACK,
        ),
        "units": (
            Column("names", ROW_WORDS["units.names"], "lines", word=True),
            Column("factor", _("Times this is the unit of the numbers above"), "number"),
        ),
    },
    "text": {
        "texts": (
            Column("spellings", ROW_WORDS["texts.spellings"], "lines", word=True),
            Column("anywhere", _("Right in every language, one a line"), "lines"),
            _CREDIT,
            Column("case", _("Capitals matter"), "check"),
            _FEEDBACK,
        )
    },
    "essay": {},
    "file": {},
}
RUBRIC = (
    Column("criterion", ROW_WORDS["rubric.criterion"], "line", word=True),
    Column("levels", ROW_WORDS["rubric.levels"], "lines", word=True),
    Column("points", _("Most points"), "number"),
)
# What an empty cell means.
_DEFAULT_CREDIT = {"options": "0", "numbers": "100", "texts": "100"}


@dataclass(slots=True)
class Cell:
    """A control of a row."""

    id: str
    column: Column
    value: str
    checked: bool = False
    error: str = ""


@dataclass(slots=True)
class Row:
    """A row with its cells."""

    key: str
    cells: list[Cell]


@dataclass(slots=True)
class Group:
    """Rows of one sort."""

    name: str
    field: str
    label: str | Promise
    rows: list[Row]
    error: str


@dataclass(slots=True)
class Typed:
    """A question as it was typed: raw facts and raw words of the original."""

    facts: dict[str, object]
    words: dict[str, str]


def typed_of(facts: Facts, words: Mapping[str, str]) -> Typed:
    """A stored question as if it had been typed."""
    return Typed({**facts}, dict(words))


def begun(item_type: str) -> Typed:
    """A question just begun."""
    return Typed({**empty_facts(item_type)}, {})


def read(post: QueryDict, item_type: str) -> Typed:
    """What was posted; nothing is judged here."""
    words = {name: post.get(name, "") for name in _WORDS}
    fields = []
    keys = [ONLY_FIELD] if item_type != "cloze" else _gaps(words["stem"])
    for key in keys:
        kind = post.get(f"kind-{key}") or str(_first_kind(item_type))
        fields.append(_read_field(post, key, kind, words))
    facts: dict[str, object] = {
        **empty_facts(item_type),
        "competence": post.get("competence", ""),
        "difficulty": post.get("difficulty", "0"),
        "points": post.get("points", ""),
        "shuffle": post.get("shuffle") == "yes",
        "fields": fields,
        "rubric": [],
    }
    if item_type in MARKED_KINDS:
        facts["second_marker"] = post.get("second_marker") == "yes"
        facts["rubric"] = [
            {"key": key, "points": post.get(f"rubric-rubric-{key}-points") or "1"}
            for key in _row_keys(post, "rubric", "rubric", RUBRIC)
        ]
        for key in _row_keys(post, "rubric", "rubric", RUBRIC):
            for name in ("criterion", "levels"):
                words[f"rubric.{key}.{name}"] = post.get(f"rubric-rubric-{key}-{name}", "")
    return Typed(facts, words)


_WORDS = ("title", "stem", "feedback", "feedback_right", "feedback_partly", "feedback_wrong")


def _first_kind(item_type: str) -> object:
    fields = empty_facts(item_type)["fields"]
    return fields[0]["kind"] if fields else "text"


def _gaps(stem: str) -> list[str]:
    return list(dict.fromkeys(GAP.findall(stem)))


def _read_field(post: QueryDict, key: str, kind: str, words: dict[str, str]) -> dict[str, object]:
    found: dict[str, object] = {
        **empty_field(key, kind),
        "weight": post.get(f"weight-{key}") or "1",
        "scoring": post.get(f"scoring-{key}") or "each",
        "unit": post.get(f"unit-{key}") or "none",
        "any_language": post.get(f"any-{key}") == "yes",
    }
    targets: dict[str, str] = {}
    for group, columns in COLUMNS.get(kind, {}).items():
        rows = []
        for row_key in _row_keys(post, key, group, columns):
            row: dict[str, object] = {"key": row_key}
            for column in columns:
                said = post.get(f"{group}-{key}-{row_key}-{column.name}", "")
                _put(row, words, f"{group}.{key}.{row_key}", column, said, group)
            if kind == "match" and not _pair(row, words, targets, key):
                continue
            rows.append(row)
        found[group] = rows
    if kind == "match":
        found["targets"] = [{"key": target} for target in targets.values()]
    return found


def _put(
    row: dict[str, object], words: dict[str, str], name: str, column: Column, said: str, group: str
) -> None:
    if column.word:
        words[f"{name}.{column.name}"] = said
    elif column.kind == "check":
        row[column.name] = said == "yes"
    elif column.name == "anywhere":
        row[column.name] = [line for line in said.splitlines() if line.strip()]
    elif column.name == "credit":
        row[column.name] = said.strip() or _DEFAULT_CREDIT[group]
    elif said.strip():
        row[column.name] = said


def _pair(row: dict[str, object], words: dict[str, str], targets: dict[str, str], key: str) -> bool:
    """Make a target of what a pair was said to belong with; False: it is a target and no more."""
    said = " ".join(str(row.pop("target", "")).split())
    if said:
        target = targets.setdefault(said, f"m{len(targets) + 1}")
        words[f"targets.{key}.{target}.text"] = said
        row["target"] = target
    name = f"options.{key}.{row['key']}"
    if words.get(f"{name}.text", "").strip():
        return True
    words.pop(f"{name}.text", None)
    words.pop(f"{name}.feedback", None)
    return False


def _row_keys(post: QueryDict, key: str, group: str, columns: Sequence[Column]) -> list[str]:
    """Keys of the rows in which something was written, in order."""
    return [
        row
        for row in dict.fromkeys(post.getlist(f"rows-{key}-{group}"))
        if any(
            post.get(f"{group}-{key}-{row}-{column.name}", "").strip()
            for column in columns
            if column.kind != "check"
        )
    ]


def groups(typed: Typed, errors: Mapping[str, str]) -> list[tuple[dict[str, object], list[Group]]]:
    """Each field with its groups of rows, with blank ones at the end of each."""
    found = []
    fields = _rows(typed.facts, "fields")
    for place, one in enumerate(fields):
        key, kind = str(one["key"]), str(one["kind"])
        held = []
        for group, columns in COLUMNS.get(kind, {}).items():
            made = _group(typed, one, f"fields.{place}", group, columns, errors)
            label = GROUPS[kind] if kind in ("order", "match") else GROUPS[group]
            held.append(Group(group, key, label, made, errors.get(f"fields.{place}.{group}", "")))
        if held and not held[0].error:
            held[0].error = errors.get(f"fields.{place}", "")
        found.append((one, held))
    return found


def rubric(typed: Typed, errors: Mapping[str, str]) -> Group:
    """The rubric of what a person marks."""
    rows = _rows(typed.facts, "rubric")
    made = [
        _row(
            typed,
            row,
            "rubric",
            "rubric",
            f"rubric.{place}",
            f"rubric.{row['key']}",
            RUBRIC,
            errors,
        )
        for place, row in enumerate(rows)
    ]
    for key in _new_keys([str(row["key"]) for row in rows]):
        made.append(_row(typed, {"key": key}, "rubric", "rubric", "-", "-", RUBRIC, {}))
    return Group("rubric", "rubric", GROUPS["rubric"], made, errors.get("rubric", ""))


def _group(
    typed: Typed, one: Mapping[str, object], path: str, group: str, columns: Sequence[Column],
    errors: Mapping[str, str],
) -> list[Row]:  # fmt: skip
    key, rows = str(one["key"]), _rows(one, group)
    if one["kind"] == "match":
        rows = [_with_target_text(typed, row, key) for row in rows] + _lone_targets(typed, one)
    made = [
        _row(typed, row, key, group, f"{path}.{group}.{place}", f"{group}.{key}.{row['key']}",
             columns, errors)
        for place, row in enumerate(rows)
    ]  # fmt: skip
    for new in _new_keys([str(row["key"]) for row in rows]):
        made.append(_row(typed, {"key": new}, key, group, "-", "-", columns, {}))
    return made


def _with_target_text(typed: Typed, row: Mapping[str, object], key: str) -> dict[str, object]:
    target = typed.words.get(f"targets.{key}.{row.get('target', '')}.text", "")
    return {**row, "target": target}


def _lone_targets(typed: Typed, one: Mapping[str, object]) -> list[dict[str, object]]:
    """Targets that no option belongs with: a pair without its first half."""
    used = {row.get("target") for row in _rows(one, "options")}
    taken = [str(row["key"]) for row in _rows(one, "options")]
    lone = [row for row in _rows(one, "targets") if row["key"] not in used]
    keys = _new_keys(taken, len(lone)) if lone else []
    return [
        {"key": new, "target": typed.words.get(f"targets.{one['key']}.{row['key']}.text", "")}
        for new, row in zip(keys, lone, strict=False)
    ]


def _row(
    typed: Typed, row: Mapping[str, object], key: str, group: str, path: str, words: str,
    columns: Sequence[Column], errors: Mapping[str, str],
) -> Row:  # fmt: skip
    cells = []
    for column in columns:
        value = typed.words.get(f"{words}.{column.name}") if column.word else row.get(column.name)
        said = "\n".join(value) if isinstance(value, list) else str(value or "")
        if column.kind == "check":
            said = ""
        name = f"{words}.{column.name}" if column.word else f"{path}.{column.name}"
        cells.append(
            Cell(
                id=f"{group}-{key}-{row['key']}-{column.name}",
                column=column,
                value="" if said == "0" and column.name in ("credit", "tolerance") else said,
                checked=value is True,
                error=errors.get(name, ""),
            )
        )
    return Row(str(row["key"]), cells)


def _new_keys(taken: Sequence[str], count: int = 0) -> list[str]:
    """Keys for blank rows, none of them taken."""
    wanted = count or (_SPARE if taken else _AT_FIRST)
    free = (f"k{number}" for number in range(1, 1000) if f"k{number}" not in taken)
    return [next(free) for _place in range(max(0, min(wanted, MOST_ROWS - len(taken))))]


def _rows(holder: Mapping[str, object], name: str) -> list[dict[str, object]]:
    value = holder.get(name)
    return [dict(row) for row in value] if isinstance(value, list) else []
