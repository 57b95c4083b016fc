"""Moodle XML: the questions of a bank. Format: Moodle's `question/format/xml` and its own tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from urllib.parse import unquote

from lxml import etree

from chorsu.training.formats.questions.building import Draft, Row
from chorsu.training.formats.questions.embedded import read_gaps
from chorsu.training.formats.questions.markup import from_html, from_text, with_pictures
from chorsu.training.formats.questions.pictures import (
    Gallery,
    decoded,
    name_pictures,
    not_here,
)
from chorsu.training.formats.questions.report import (
    MAX_ITEMS,
    Found,
    NotReadable,
    Report,
    Trouble,
    plain,
)
from chorsu.training.formats.questions.xml import local

_SKIPPED = ("category",)
"""No questions, and nothing in them is lost by leaving them: a bank here goes by competence."""


_FILES = "@@PLUGINFILE@@"
"""What stands in an address for the `<file>` elements beside a text."""
_LINKED = re.compile(rf"{_FILES}/([^\s)\"'<>]+)")


def read_moodle(root: etree._Element, language: str, gallery: Gallery) -> Report:
    """The questions of a `<quiz>`; each that can't be read is named by its place and name."""
    questions, troubles = [], []
    for number, element in enumerate(root, 1):
        kind = element.get("type", "")
        if local(element) != "question" or kind in _SKIPPED:
            continue
        name = " ".join(_plain(element, "name/text").split())
        place = f"{number}: {name}" if name else str(number)
        if number > MAX_ITEMS:
            troubles.append(Trouble(place, "questions", {"count": MAX_ITEMS}))
            break
        try:
            _require_known(kind)
            _name_pictures(element, kind, gallery)
            questions.append(_question(element, kind, place, name, language))
        except NotReadable as error:
            troubles.append(error.at(place))
    return Report(tuple(questions), tuple(troubles))


def _question(element: etree._Element, kind: str, place: str, name: str, language: str) -> Found:
    draft = Draft(place, language, "")
    draft.words["title"] = name[:200]
    if kind != "multianswer":
        draft.words["stem"] = _markdown(element, "questiontext")
    draft.points = _decimal(_plain(element, "defaultgrade") or "1")
    for word, tag in _FEEDBACK.items():
        draft.words[word] = _markdown(element, tag)
    draft.shuffle = _plain(element, "shuffleanswers") not in ("0", "false")
    _READERS[kind](draft, element)
    return draft.done()


def _require_known(kind: str) -> None:
    if kind not in _READERS:
        raise NotReadable("question_type", name=kind[:40] or "?")


def _is_marked_up(holder: etree._Element, kind: str) -> bool:
    """Whether the text in an element is read as HTML or Markdown, and not letter by letter."""
    if holder.tag != "answer":
        return holder.tag not in ("name", "tag")
    parent = holder.getparent()
    matched = parent is not None and parent.tag == "subquestion"
    return not matched and kind not in ("truefalse", "shortanswer", "numerical")


def _name_pictures(element: etree._Element, kind: str, gallery: Gallery) -> None:
    """Give the pictures in every text of a question their names: each text has its own files."""
    for text in list(element.iter("text")):
        holder = text.getparent()
        if holder is None or not text.text or not _is_marked_up(holder, kind):
            continue
        files = {
            f"{each.get('path', '/')}{each.get('name', '')}".lstrip("/"): each.text or ""
            for each in holder.iterchildren("file")
        }

        take = _taker(files, gallery)
        if holder.get("format") == "markdown":
            text.text = _with_names(text.text, take)
        elif holder.get("format") != "plain_text":
            text.text = with_pictures(text.text, partial(name_pictures, take=take))


def _with_names(text: str, take: Callable[[str], str]) -> str:
    return _LINKED.sub(lambda match: take(match[0]), text)


def _taker(files: Mapping[str, str], gallery: Gallery) -> Callable[[str], str]:
    """What names the picture at an address in a text with these files."""

    def take(address: str) -> str:
        inside = unquote(address.removeprefix(f"{_FILES}/"))
        if address.startswith(_FILES) and inside in files:
            return gallery.add(decoded(files[inside]), inside)
        return gallery.take(address, not_here)

    return take


_FEEDBACK = {
    "feedback": "generalfeedback",
    "feedback_right": "correctfeedback",
    "feedback_partly": "partiallycorrectfeedback",
    "feedback_wrong": "incorrectfeedback",
}


def _multichoice(draft: Draft, element: etree._Element) -> None:
    several = _plain(element, "single") in ("false", "0")
    draft.item_type = "multiple" if several else "single"
    draft.choose(_rows(element), several=several)


def _truefalse(draft: Draft, element: etree._Element) -> None:
    draft.item_type = "single"
    rows = {row.text.lower(): row for row in _rows(element)}
    if rows.keys() != {"true", "false"}:
        raise NotReadable("true_false")
    is_true = Decimal(rows["true"].credit) > 0
    draft.decide(true=is_true, feedback=(rows["true"].feedback, rows["false"].feedback))


def _shortanswer(draft: Draft, element: etree._Element) -> None:
    draft.item_type = "short_text"
    case = _plain(element, "usecase") == "1"
    rows = _rows(element, plain_text=True)
    draft.write([Row(row.text, row.credit, row.feedback, case) for row in rows])


def _numerical(draft: Draft, element: etree._Element) -> None:
    draft.item_type = "numeric"
    rows = [row for row in _rows(element, plain_text=True) if row.text != "*" or row.feedback]
    if any(row.text == "*" for row in rows):
        raise NotReadable("feedback_any")
    field = draft.count([_with_decimal(row) for row in rows])
    units = element.findall("units/unit")
    if not units:
        return
    field["unit"] = "optional" if _plain(element, "unitgradingtype") in ("", "0") else "required"
    found = []
    for place, unit in enumerate(units, 1):
        found.append({"key": f"u{place}", "factor": _factor(_plain(unit, "multiplier"))})
        draft.words[f"units.answer.u{place}.names"] = _plain(unit, "unit_name")
    field["units"] = found


def _factor(multiplier: str) -> str:
    """Moodle says how many of a unit make one of the values' unit; here it is the other way."""
    value = Decimal(_decimal(multiplier or "1"))
    factor = Decimal(1) / value if value else Decimal(0)
    if not value or factor * value != 1 or round(factor, 6) != factor:
        raise NotReadable("unit_factor", text=multiplier[:20])
    return plain(factor)


def _matching(draft: Draft, element: etree._Element) -> None:
    draft.item_type = "matching"
    draft.pair(
        [
            (_text_of(each, each.get("format", "html")), from_text(_plain(each, "answer/text")))
            for each in element.findall("subquestion")
        ]
    )


def _ordering(draft: Draft, element: etree._Element) -> None:
    draft.item_type = "ordering"
    grading = _plain(element, "gradingtype").upper()
    known = {
        "ALL_OR_NOTHING": "all",
        "-1": "all",
        "RELATIVE_NEXT_EXCLUDE_LAST": "each",
        "1": "each",
    }
    if grading not in known:
        raise NotReadable("order_grading", name=grading[:40] or "?")
    answers = element.findall("answer")
    texts = [_text_of(each, each.get("format", "html")) for each in answers]
    draft.arrange(texts, scoring=known[grading])


def _essay(draft: Draft, element: etree._Element) -> None:
    attachments = _plain(element, "attachments")
    draft.item_type = "file" if _plain(element, "responseformat") == "noinline" else "essay"
    if draft.item_type == "essay" and attachments not in ("", "0"):
        raise NotReadable("essay_files")
    draft.open(draft.item_type)
    marking = _markdown(element, "graderinfo")
    if marking:
        whole = Decimal(draft.points)
        if whole != int(whole):
            raise NotReadable("part_point")
        draft.rubric = [{"key": "k1", "points": int(whole)}]
        first, _, rest = marking.partition("\n")
        draft.words["rubric.k1.criterion"] = first[:300]
        draft.words["rubric.k1.levels"] = rest


def _multianswer(draft: Draft, element: etree._Element) -> None:
    draft.item_type = "cloze"
    holder = element.find("questiontext")
    kind = "html" if holder is None else holder.get("format", "html")
    read_gaps(draft, _plain(element, "questiontext/text"), lambda text: _converted(text, kind))


_READERS: Mapping[str, Callable[[Draft, etree._Element], None]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _essay,
    "multianswer": _multianswer,
    "cloze": _multianswer,
}


def _rows(element: etree._Element, *, plain_text: bool = False) -> list[Row]:
    rows = []
    for answer in element.findall("answer"):
        text = (answer.findtext("text") or "").strip()
        if not plain_text:
            text = _text_of(answer, answer.get("format", "html"))
        feedback = answer.find("feedback")
        rows.append(
            Row(
                text=text,
                credit=_credit(answer.get("fraction", "0")),
                feedback=""
                if feedback is None
                else _text_of(feedback, feedback.get("format", "html")),
                tolerance=_decimal((answer.findtext("tolerance") or "0").strip() or "0"),
            )
        )
    return rows


def _with_decimal(row: Row) -> Row:
    return Row(_decimal(row.text), row.credit, row.feedback, tolerance=row.tolerance)


def _credit(fraction: str) -> str:
    """Moodle writes a third as 33.33333: the nearest simple share of that many places is meant."""
    value = Decimal(_decimal(fraction))
    if not -100 <= value <= 100:
        raise NotReadable("share", text=fraction[:20])
    for parts in range(1, 21):
        nearest = round(value * parts / 100)
        if abs(value - Decimal(nearest * 100) / parts) < Decimal("0.001"):
            from_parts = Decimal(nearest * 100) / parts
            return plain(round(from_parts, 6))
    return plain(round(value, 6))


def _decimal(text: str) -> str:
    text = text.strip().replace(",", ".")
    if not re.fullmatch(
        r"[+-]?[0-9]{1,15}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?", text, re.ASCII
    ):
        raise NotReadable("number", text=text[:40])
    return plain(Decimal(text))


def _markdown(element: etree._Element, tag: str) -> str:
    holder = element.find(tag)
    return "" if holder is None else _text_of(holder, holder.get("format", "html"))


def _text_of(holder: etree._Element, kind: str) -> str:
    return _converted(holder.findtext("text") or "", kind)


def _converted(text: str, kind: str) -> str:
    """Moodle's formats: `html`, `markdown`, `plain_text`, and `moodle_auto_format`, which is HTML
    whose line ends count.
    """
    if kind == "markdown":
        return text.strip()
    if kind == "plain_text":
        return from_text(text)
    if kind == "moodle_auto_format" and not re.search(r"<[a-zA-Z]", text):
        text = text.strip().replace("\r\n", "\n").replace("\n", "<br/>")
    return from_html(text)


def _plain(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
