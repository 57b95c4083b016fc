"""GIFT, the plain text in which teachers write questions. Format: Moodle's `question/format/gift`
and the examples that come with it.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from chorsu.kernel.text import normalise
from chorsu.training.formats.questions.building import Draft, Row
from chorsu.training.formats.questions.markup import from_html, from_text
from chorsu.training.formats.questions.report import (
    MAX_ITEMS,
    Found,
    NotReadable,
    Report,
    Trouble,
    plain,
)

MAX_CHARS = 2_000_000
_ESCAPES = "~=#{}:\\"
# An escaped sign is a private character until the question is taken apart.
_HIDDEN = {char: chr(0xE020 + place) for place, char in enumerate(_ESCAPES)}
_SHOWN = {hidden: char for char, hidden in _HIDDEN.items()}
_TITLE = re.compile(r"::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\[(html|markdown|plain|moodle)\]")
_ANSWERS = re.compile(r"\{(.*?)\}", re.DOTALL)
_ROW = re.compile(r"([=~])\s*(?:%(-?[0-9]{1,3}(?:\.[0-9]{1,5})?)%)?((?:[^=~])*)", re.ASCII)
_RANGE = re.compile(r"(-?[0-9.]+)\.\.(-?[0-9.]+)", re.ASCII)
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}


def read_gift(text: str, language: str) -> Report:
    """The questions of a GIFT file; each that can't be read is named by its line and name."""
    if len(text) > MAX_CHARS:
        raise NotReadable("text_size", count=MAX_CHARS)
    questions, troubles = [], []
    for number, (line, block) in enumerate(_blocks(text)):
        begins = " ".join(_open(block.partition("{")[0]).split())[:60]
        place = f"{line}: {begins}"
        if number >= MAX_ITEMS:
            troubles.append(Trouble(place, "questions", {"count": MAX_ITEMS}))
            break
        try:
            questions.append(_question(block, place, language))
        except NotReadable as error:
            troubles.append(error.at(place))
    return Report(tuple(questions), tuple(troubles))


def _blocks(text: str) -> list[tuple[int, str]]:
    """(line it begins at, text) of each question: what blank lines set apart, without comments."""
    blocks: list[tuple[int, str]] = []
    held: list[str] = []
    begins, is_open = 0, False
    for number, line in enumerate(normalise(text).split("\n"), 1):
        if line.lstrip().startswith("//") or (not is_open and line.startswith("$CATEGORY:")):
            continue
        hidden = _hide(line)
        if line.strip():
            begins = begins if held else number
            held.append(hidden)
            # A blank line inside the braces does not end a question.
            is_open = hidden.rfind("{") > hidden.rfind("}") or (is_open and "}" not in hidden)
        elif held and not is_open:
            blocks.append((begins, "\n".join(held)))
            held = []
        elif held:
            held.append("")
    return [*blocks, (begins, "\n".join(held))] if held else blocks


def _question(block: str, place: str, language: str) -> Found:
    draft = Draft(place, language, "")
    block = block.strip()
    if title := _TITLE.match(block):
        draft.words["title"] = " ".join(_open(title[1]).split())[:200]
        block = block[title.end() :].strip()
    kind = "moodle"
    if form := _FORMAT.match(block):
        kind, block = form[1], block[form.end() :].strip()
    found = _ANSWERS.search(block)
    if found is None:
        raise NotReadable("no_answers")
    before, after = block[: found.start()], block[found.end() :]
    if "{" in after or "}" in before + after:
        raise NotReadable("several_answers")
    reader = _Answers(draft, kind)
    reader.read(found[1].strip(), inline=bool(after.strip()))
    draft.words["stem"] = reader.stem(before, after)
    return draft.done()


class _Answers:
    def __init__(self, draft: Draft, kind: str) -> None:
        self.draft = draft
        self.kind = kind

    def stem(self, before: str, after: str) -> str:
        """The question, with its gap in place where text follows it."""
        mark = "[[answer]]" if self.draft.item_type == "cloze" else " _____ "
        if not after.strip():
            return self.markdown(before)
        # The mark must pass the conversion unescaped.
        text = self.markdown(f"{before}\ue010{after}")
        return text.replace("\ue010", mark if mark == "[[answer]]" else r"\_\_\_\_\_")

    def markdown(self, text: str) -> str:
        text = _open(text).strip()
        if self.kind == "markdown":
            return text
        if self.kind == "html" or (self.kind == "moodle" and re.search(r"<[a-zA-Z/]", text)):
            return from_html(text)
        return from_text(text if self.kind == "plain" else " ".join(text.split()))

    def read(self, content: str, *, inline: bool) -> None:
        draft = self.draft
        content, _, general = content.partition("####")
        if general.strip():
            draft.words["feedback"] = self.markdown(general)
        content = content.strip()
        answer, *feedback = [part.strip() for part in content.split("#")]
        if not content:
            draft.item_type = "essay"
            draft.open("essay")
        elif answer.upper() in _TRUTH:
            self._truth(_TRUTH[answer.upper()], feedback)
        elif content.startswith("#"):
            draft.item_type = "cloze" if inline else "numeric"
            draft.count(self._numbers(content[1:].strip()))
        else:
            self._rows(content, inline=inline)

    def _truth(self, true: bool, feedback: list[str]) -> None:  # noqa: FBT001 - the answer itself
        """Feedback stands first for the wrong answer, then for the right one."""
        self.draft.item_type = "single"
        wrong, right = ([self.markdown(part) for part in feedback] + ["", ""])[:2]
        self.draft.decide(true=true, feedback=(right, wrong) if true else (wrong, right))

    def _rows(self, content: str, *, inline: bool) -> None:
        draft = self.draft
        rows = self._parts(content)
        signs = {sign for sign, _ in rows}
        texts = [row for _, row in rows]
        if "~" in signs:
            several = "=" not in signs
            draft.item_type = "multiple" if several else "cloze" if inline else "single"
            shown = [Row(self.markdown(row.text), row.credit, row.feedback) for row in texts]
            draft.choose(shown, several=several)
        elif all("->" in row.text for row in texts):
            draft.item_type = "matching"
            halves = [row.text.split("->", 1) for row in texts]
            draft.pair([(self.markdown(one), self.markdown(two)) for one, two in halves])
        else:
            draft.item_type = "cloze" if inline else "short_text"
            draft.write([Row(_open(row.text), row.credit, row.feedback) for row in texts])

    def _parts(self, content: str) -> list[tuple[str, Row]]:
        rows = []
        end = 0
        for match in _ROW.finditer(content):
            if content[end : match.start()].strip():
                break
            end = match.end()
            text, _, feedback = match[3].partition("#")
            credit = plain(Decimal(match[2])) if match[2] else "100" if match[1] == "=" else "0"
            rows.append((match[1], Row(text.strip(), credit, self.markdown(feedback))))
        if not rows or content[end:].strip():
            raise NotReadable("answers", text=_open(content[:60]))
        return rows

    def _numbers(self, content: str) -> list[Row]:
        if not content.startswith("="):
            text, _, feedback = content.partition("#")
            return [self._number(text, "100", self.markdown(feedback))]
        return [self._number(row.text, row.credit, row.feedback) for _, row in self._parts(content)]

    def _number(self, text: str, credit: str, feedback: str) -> Row:
        text = _open(text).strip()
        try:
            if between := _RANGE.fullmatch(text):
                low, high = Decimal(between[1]), Decimal(between[2])
                value, tolerance = (low + high) / 2, (high - low) / 2
            else:
                first, _, second = text.partition(":")
                value, tolerance = Decimal(first.strip()), Decimal(second.strip() or "0")
        except InvalidOperation:
            raise NotReadable("number", text=text[:40]) from None
        if not value.is_finite() or not tolerance.is_finite() or tolerance < 0:
            raise NotReadable("number", text=text[:40])
        return Row(plain(value), credit, feedback, tolerance=plain(tolerance))


def _hide(text: str) -> str:
    text = re.sub(r"\\([~=#{}:\\])", lambda match: _HIDDEN[match[1]], text)
    return text.replace("\\n", "\n")


def _open(text: str) -> str:
    return "".join(_SHOWN.get(char, char) for char in text)
