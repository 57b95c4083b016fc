"""A question that was answered, to be looked over: by who answered it, or by who teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString

from chorsu.training.items.fields import Field, Item, Option, Response
from chorsu.training.items.scoring import is_right, score, told
from chorsu.training.items.showing import ShownItem, row_token, shown
from chorsu.training.queries.answer_files import AnswerFileView
from chorsu.training.queries.attempts import AnswerView
from chorsu.web.learning.gone import Gone
from chorsu.web.learning.questions import language_of
from chorsu.web.markdown import Figure, inline_html, to_html
from chorsu.web.question_bank.foreseen import foreseen

_WRITTEN = ("number", "text", "essay")


@dataclass(frozen=True, slots=True)
class ReviewedChoice:
    """A row of a question as it was answered; `right`: whether choosing it was; `with_`: what was
    given to it; `belongs`: what it should have been matched with, where that is told.
    """

    text: SafeString
    chosen: bool
    right: bool
    with_: SafeString
    feedback: SafeString
    belongs: SafeString


@dataclass(frozen=True, slots=True)
class ReviewedField:
    """A place to answer as it was answered. `gap`: its number in a cloze, else 0; `state` as of
    `items.fields.FieldScore`; `typed`: words given; `right`: what was to be typed, where that is
    told.
    """

    gap: int
    state: str
    choices: Sequence[ReviewedChoice]
    typed: str
    right: Sequence[SafeString]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question as it was answered. `state` as of `items.fields.Score`."""

    number: int
    language: str
    stem: SafeString
    state: str
    points: Decimal | None
    out_of: Decimal
    fields: Sequence[ReviewedField]
    feedback: Sequence[SafeString]
    gone: Gone | None = None
    files: Sequence[AnswerFileView] = ()

    @property
    def uncounted(self) -> bool:
        """Whether it leaves the sum of the attempt: it was erased, and not answered."""
        return self.gone is not None and self.state == "unanswered"


def reviewed_gone(
    item: Item,
    number: int,
    said: AnswerView | None,
    gone: Gone,
    files: Sequence[AnswerFileView] = (),
) -> Reviewed:
    """What is left of a question whose words were erased: its points, and words that were given."""
    most = Decimal(item.facts["points"])
    response: Response = dict(said.response) if said else {}
    points = said.points if said else Decimal(0)
    return Reviewed(
        number=number,
        language=item.original_language,
        stem=SafeString(""),
        state=_state_by_points(response, points, most),
        points=points,
        out_of=most,
        fields=[
            ReviewedField(gap, "", [], typed, [])
            for gap, field in _placed(item)
            if (typed := _typed(field, response))
        ],
        feedback=[],
        gone=gone,
        files=files,
    )


def reviewed(
    item: Item,
    number: int,
    languages: Sequence[str],
    said: AnswerView | None,
    seed: str,
    files: Sequence[AnswerFileView] = (),
    figures: Mapping[str, Figure] | None = None,
    *,
    with_key: bool = False,
) -> Reviewed:
    """A question as it was answered, in the order in which it was asked, with what is right to
    choose and the feedback to what was given. `figures`: its pictures by name; `with_key`: also
    with what was right to type and to match.
    """
    pictures = figures or {}
    language = language_of(item, languages)
    response: Response = dict(said.response) if said else {}
    earned = score(item, response, said.language if said else language)
    seen = shown(item, language, seed=seed)
    state, names = earned.state, [*earned.feedback]
    if said and state == "unmarked":
        state = _state_by_points(response, said.points, earned.out_of)
        names.insert(0, f"feedback_{state}")
    for field in earned.fields.values():
        names += [name for name in field.feedback if not name.startswith("options.")]
    return Reviewed(
        number=number,
        language=seen.language,
        stem=to_html(_stem(seen), heading=4, figures=pictures),
        state=state,
        points=said.points if said else Decimal(0),
        out_of=earned.out_of,
        fields=[
            ReviewedField(
                gap=gap,
                state=earned.fields[field["key"]].state,
                choices=_choices(
                    field,
                    item.texts[seen.language].words,
                    response.get(field["key"]),
                    pictures,
                    _as_shown(item, field, seen, seed),
                    with_key=with_key,
                ),
                typed=_typed(field, response),
                right=_right(item, field, seen.language) if with_key else [],
            )
            for gap, field in _placed(item, seen)
        ],
        feedback=[to_html(text, figures=pictures) for text in told(item, names, language)],
        files=files,
    )


def _stem(seen: ShownItem) -> str:
    """The stem, its gaps by their numbers."""
    text = ""
    for gap, (part, key) in enumerate(seen.parts, 1):
        text += part + (f" \\_\\_\\_\\_ ({gap}) " if key else "")
    return text


def _placed(item: Item, seen: ShownItem | None = None) -> list[tuple[int, Field]]:
    """The places to answer with their numbers: those of a cloze as its stem shows them, 0 else."""
    fields = item.facts["fields"]
    if item.facts["type"] != "cloze":
        return [(0, field) for field in fields]
    keys = [key for _part, key in seen.parts] if seen else []
    in_order = sorted(
        fields, key=lambda field: keys.index(field["key"]) if field["key"] in keys else len(keys)
    )
    return list(enumerate(in_order, 1))


def _state_by_points(response: Response, points: Decimal | None, most: Decimal) -> str:
    """The state of an answer whose points were given, and not reckoned here."""
    if not response:
        return "unanswered"
    if points is None:
        return "unmarked"
    if points >= most:
        return "right"
    return "partly" if points > 0 else "wrong"


def _typed(field: Field, response: Response) -> str:
    said = response.get(field["key"])
    return said if field["kind"] in _WRITTEN and isinstance(said, str) else ""


def _right(item: Item, field: Field, language: str) -> list[SafeString]:
    """What was to be typed: of a text in every language in which it may be, as it is scored."""
    if field["kind"] not in ("number", "text"):
        return []
    tags = list(item.texts) if field["any_language"] else [language]
    found = [
        said for tag in tags for said, right in foreseen(field, item.texts[tag].words, {}) if right
    ]
    return list(dict.fromkeys(one for one in found if one))


def _as_shown(item: Item, field: Field, seen: ShownItem, seed: str) -> list[Option]:
    """The rows as they were shown; of an order as they should be."""
    rows = list(field["options"])
    if field["kind"] == "order":
        return rows
    tokens = next(
        [one.token for one in each.options] for each in seen.fields if each.key == field["key"]
    )
    places = {token: place for place, token in enumerate(tokens)}
    return sorted(
        rows, key=lambda row: places[row_token(item, seed, field["key"], "options", row["key"])]
    )


def _choices(
    field: Field,
    words: Mapping[str, str],
    said: object,
    figures: Mapping[str, Figure],
    rows: Sequence[Option],
    *,
    with_key: bool,
) -> list[ReviewedChoice]:
    """The rows of a field, in this order, as somebody chose among them."""
    name = field["key"]
    order = [row["key"] for row in field["options"]]

    def text(group: str, key: str) -> SafeString:
        return inline_html(words.get(f"{group}.{name}.{key}.text", ""), figures)

    found = []
    for row in rows:
        key, with_, belongs = row["key"], SafeString(""), SafeString("")
        if field["kind"] == "match":
            target = said.get(key, "") if isinstance(said, dict) else ""
            with_ = text("targets", target)
            chosen, right = bool(target), target == row["target"]
            if with_key and not right:
                belongs = text("targets", row["target"]) or SafeString("–")
        elif field["kind"] == "order":
            place = said.index(key) + 1 if isinstance(said, list) and key in said else 0
            with_ = SafeString(place or "")
            chosen, right = bool(place), place == order.index(key) + 1
        else:
            chosen = key in said if isinstance(said, list) else key == said
            right = is_right(row)
        feedback = words.get(f"options.{name}.{key}.feedback", "") if chosen else ""
        shown_feedback = to_html(feedback, figures=figures) if feedback else SafeString("")
        found.append(
            ReviewedChoice(text("options", key), chosen, right, with_, shown_feedback, belongs)
        )
    return found
