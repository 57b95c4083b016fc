"""A question as a form, and what came back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chorsu.training.actions.private_files import MAX_FILE
from chorsu.training.items.fields import MAX_FILES, Item
from chorsu.training.items.pictures import in_words, shown_in
from chorsu.training.items.showing import ShownField, ShownItem, row_token, shown
from chorsu.training.queries.answer_files import AnswerFileView
from chorsu.training.queries.attempts import AnswerView, AttemptView
from chorsu.web.learning.gone import Gone
from chorsu.web.markdown import Figure, inline_html, to_html

_GAP = "\ue003"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose, order or match; `value`: what was chosen for it. `plain`: its text for
    a list to choose from, where no picture can be shown.
    """

    token: str
    text: SafeString
    plain: SafeString
    checked: bool
    value: str


@dataclass(frozen=True, slots=True)
class Box:
    """A place to answer; `name` is that of its controls, of a row `{name}.{token}`. `pictured`:
    targets of which some are pictures, which a list to choose from cannot show.
    """

    name: str
    kind: str
    value: str
    options: Sequence[Choice]
    targets: Sequence[tuple[str, str]]
    pictured: Sequence[SafeString]
    units: Sequence[str]
    unit_wanted: bool
    files: Sequence[AnswerFileView]

    @property
    def most_files(self) -> int:
        """Of an answer by files."""
        return MAX_FILES

    @property
    def most_mb(self) -> int:
        """Of each of the files, in megabytes."""
        return MAX_FILE // 1024**2


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a form. `stem` of a cloze holds its controls; `boxes` are all others.

    `fresh`: the key of the answer this page would give; `stands`: of the one that stands.
    """

    item: str
    number: int
    section: int
    language: str
    points: Decimal
    stem: SafeString
    boxes: Sequence[Box]
    fresh: str
    stands: str
    answered: bool
    gone: Gone | None


def language_of(item: Item, languages: Sequence[str]) -> str:
    """In which of the reader's languages the question is there; else its original."""
    return next((tag for tag in languages if tag in item.texts), item.original_language)


def question(
    attempt: AttemptView,
    item: Item,
    number: int,
    section: int,
    languages: Sequence[str],
    said: AnswerView | None,
    gone: Gone | None = None,
    files: Sequence[AnswerFileView] = (),
    figures: Mapping[str, Figure] | None = None,
) -> Question:
    """The question as a form, with what was answered so far, also by files; of one that is gone,
    nothing to answer. `figures`: its pictures by name.
    """
    seen = shown(item, language_of(item, languages), seed=attempt.seed)
    response = said.response if said else {}
    fields = [] if gone else seen.fields
    pictures = figures or {}
    boxes = [
        _box(attempt, item, field, response.get(field.key), files, pictures) for field in fields
    ]
    stem, rest = _stem(seen, boxes, number, pictures)
    return Question(
        item=item.id,
        number=number,
        section=section,
        language=seen.language,
        points=Decimal(seen.points),
        stem=stem,
        boxes=rest,
        fresh=str(uuid4()),
        stands=said.key if said else "",
        answered=bool(response),
        gone=gone,
    )


def read_answer(item: Item, query: QueryDict) -> dict[str, object]:
    """What a form says to a question, as `items.answering.clean_response` takes it."""
    raw: dict[str, object] = {}
    for field in item.facts["fields"]:
        name = f"q.{item.id}.{field['key']}"
        if field["kind"] == "choices":
            raw[field["key"]] = query.getlist(name)
        elif field["kind"] in ("match", "order"):
            rows = {
                key.removeprefix(f"{name}."): str(query[key])
                for key in query
                if key.startswith(f"{name}.")
            }
            raw[field["key"]] = rows if field["kind"] == "match" else _in_order(rows)
        elif name in query:
            raw[field["key"]] = query[name]
    return raw


def _in_order(rows: Mapping[str, str]) -> list[str]:
    """Tokens by the place given to each; rows without a place are left out."""
    placed = [(int(place), token) for token, place in rows.items() if place.isdecimal()]
    return [token for _place, token in sorted(placed)]


def read_key(text: str) -> UUID | None:
    """A key a device made, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _box(
    attempt: AttemptView,
    item: Item,
    field: ShownField,
    said: object,
    files: Sequence[AnswerFileView],
    figures: Mapping[str, Figure],
) -> Box:
    def token(group: str, key: object) -> str:
        return row_token(item, attempt.seed, field.key, group, str(key))

    chosen: set[str] = set()
    values: dict[str, str] = {}
    if field.kind == "choice" and said:
        chosen = {token("options", said)}
    elif field.kind == "choices" and isinstance(said, list):
        chosen = {token("options", key) for key in said}
    elif field.kind == "order" and isinstance(said, list):
        values = {token("options", key): str(place) for place, key in enumerate(said, 1)}
    elif field.kind == "match" and isinstance(said, dict):
        values = {token("options", key): token("targets", target) for key, target in said.items()}
    return Box(
        name=f"q.{item.id}.{field.key}",
        kind=field.kind,
        value=said if isinstance(said, str) and field.kind != "choice" else "",
        options=[
            Choice(
                one.token,
                inline_html(one.text, figures),
                inline_html(in_words(one.text)),
                one.token in chosen,
                values.get(one.token, ""),
            )
            for one in field.options
        ],
        targets=[(one.token, in_words(one.text)) for one in field.targets]
        if field.kind == "match"
        else [(str(place), str(place)) for place in range(1, len(field.options) + 1)],
        pictured=[inline_html(one.text, figures) for one in field.targets]
        if any(shown_in(one.text) for one in field.targets)
        else [],
        units=field.units,
        unit_wanted=field.unit == "required",
        files=files,
    )


def _stem(
    seen: ShownItem, boxes: Sequence[Box], number: int, figures: Mapping[str, Figure]
) -> tuple[SafeString, list[Box]]:
    """The stem, with the controls of a cloze in it, and the boxes that stand below it."""
    if len(seen.parts) == 1:
        return to_html(seen.parts[0][0], heading=4, figures=figures), list(boxes)
    by_key = {box.name.rsplit(".", 1)[1]: box for box in boxes}
    text = "".join(part + (_GAP if key else "") for part, key in seen.parts)
    pieces = to_html(text, heading=4, figures=figures).split(_GAP)
    keys = [key for _part, key in seen.parts if key]
    html = pieces[0]
    for place, (key, piece) in enumerate(zip(keys, pieces[1:], strict=False), 1):
        html += _gap(by_key[key], number, place) + piece
    # Safe: pieces of clean HTML, and controls that are escaped.
    return mark_safe(html), []  # noqa: S308


def _gap(box: Box, number: int, place: int) -> SafeString:
    label = _("Question %(number)s, gap %(place)s") % {"number": number, "place": place}
    if box.kind != "choice":
        return format_html(
            '<input class="input gap" name="{}" value="{}" aria-label="{}" autocomplete="off">',
            box.name, box.value, label,
        )  # fmt: skip
    options = SafeString("").join(
        format_html(
            '<option value="{}"{}>{}</option>',
            one.token, SafeString(" selected") if one.checked else "", one.plain,
        )
        for one in box.options
    )  # fmt: skip
    return format_html(
        '<select class="input gap" name="{}" aria-label="{}"><option value=""></option>{}</select>',
        box.name, label, options,
    )  # fmt: skip
