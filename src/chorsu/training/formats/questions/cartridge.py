"""Common Cartridge 1.x: its question banks and tests, which are QTI 1.2 of the CC profile.

Format: 1EdTech Common Cartridge 1.0 to 1.3, "Assessment" and the QTI 1.2.1 it narrows.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from chorsu.training.formats.questions.building import Draft, Row
from chorsu.training.formats.questions.markup import from_html, from_text, with_pictures
from chorsu.training.formats.questions.packages import MANIFEST, Package
from chorsu.training.formats.questions.pictures import Gallery, Open, at, name_pictures
from chorsu.training.formats.questions.qti import resources
from chorsu.training.formats.questions.qti.interactions import several
from chorsu.training.formats.questions.qti.processing import Declaration
from chorsu.training.formats.questions.report import MAX_ITEMS, Found, NotReadable, Report, Trouble
from chorsu.training.formats.questions.xml import local, parse

RESOURCE = "imsqti_xmlv1p2/imscc_xmlv1p"
"""How the types of both `.../assessment` and `.../question-bank` begin."""
_PROFILES: Mapping[str, str] = {
    "cc.multiple_choice.v0p1": "single",
    "cc.true_false.v0p1": "single",
    "cc.multiple_response.v0p1": "multiple",
    "cc.fib.v0p1": "short_text",
    "cc.pattern_match.v0p1": "short_text",
    "cc.essay.v0p1": "essay",
}


_BASES = ("$IMS-CC-FILEBASE$", "%24IMS-CC-FILEBASE%24", "$1EdTech-CC-FILEBASE$")
"""What stands in an address for where the cartridge keeps its files (CC 1.1, "IMS-CC-FILEBASE")."""
_WEB = "web_resources"


def read_cartridge(package: Package, language: str, gallery: Gallery) -> Report:
    """The questions of a cartridge's banks and tests; raises `NotReadable`."""
    questions: list[Found] = []
    troubles: list[Trouble] = []
    for place, resource in resources(parse(package.read(MANIFEST))):
        if not resource.startswith(RESOURCE):
            continue
        try:
            take = taker(gallery, package, place)
            one = read_questions(parse(package.read(place)), place, language, take)
        except NotReadable as error:
            troubles.append(error.at(place))
            continue
        questions += one.found
        troubles += one.troubles
        if len(questions) > MAX_ITEMS:
            raise NotReadable("questions", count=MAX_ITEMS)
    return Report(tuple(questions), tuple(troubles))


def taker(gallery: Gallery, package: Package, file: str) -> Callable[[str], str]:
    """What names the pictures of the questions of a file of a cartridge."""
    open_at = _opener(package, posixpath.dirname(file))
    return lambda address: gallery.take(address, open_at)


def _opener(package: Package, folder: str) -> Open:
    """What is at an address: seen from the file's folder, from the root, or among the web content,
    where the tools that write cartridges put it.
    """

    def found(address: str) -> bytes:
        plain = address
        for base in _BASES:
            plain = plain.removeprefix(base)
        if plain != address:
            plain = plain.lstrip("/")
        for place in (folder, "", _WEB):
            try:
                return at(place, package.read)(plain)
            except NotReadable as error:
                if error.code != "no_member":
                    raise
        raise NotReadable("no_member", name=address[:100])

    return found


def read_questions(
    root: etree._Element, file: str, language: str, take: Callable[[str], str]
) -> Report:
    """The questions of one QTI 1.2 file; `take` names the picture at an address."""
    if local(root) != "questestinterop":
        raise NotReadable("root", element=f"<{local(root)[:60]}>", wanted="<questestinterop>")
    questions, troubles = [], []
    for item in _all(root, "item"):
        place = f"{file}: {item.get('title') or item.get('ident', '')}"[:200]
        try:
            _name_pictures(item, take)
            questions.append(_question(item, place, language))
        except NotReadable as error:
            troubles.append(error.at(place))
    return Report(tuple(questions), tuple(troubles))


@dataclass(frozen=True, slots=True)
class Test:
    """How a test is taken. `minutes` and `attempts` 0: no limit."""

    title: str
    minutes: int
    attempts: int


def test_settings(root: etree._Element) -> Test:
    """What a QTI 1.2 file says of its test, in the metadata of the profile; of a bank, nothing."""
    test = next(_all(root, "assessment"), root)
    held = next((each for each in test if local(each) == "qtimetadata"), None)
    told = {} if held is None else _metadata(held)
    limits = [told.get(name, "") for name in ("qmd_timelimit", "cc_maxattempts")]
    minutes, attempts = (int(one) if re.fullmatch("[0-9]{1,3}", one) else 0 for one in limits)
    return Test(" ".join(test.get("title", "").split()), minutes, attempts)


def _name_pictures(item: etree._Element, take: Callable[[str], str]) -> None:
    for text in _all(item, "mattext"):
        if text.get("texttype", "text/plain") == "text/html":
            text.text = with_pictures(text.text or "", lambda tree: name_pictures(tree, take))


def _question(item: etree._Element, place: str, language: str) -> Found:
    profile = _metadata(item).get("cc_profile", "")
    if profile not in _PROFILES:
        raise NotReadable("profile", name=profile[:60] or "?")
    draft = Draft(place, language, _PROFILES[profile])
    draft.words["title"] = " ".join(item.get("title", "").split())[:200]
    presentation = next(_all(item, "presentation"), None)
    if presentation is None:
        raise NotReadable("missing_element", element="<presentation>")
    draft.words["stem"] = _material(presentation)
    draft.points = _metadata(item).get("cc_weighting") or "1"
    rules = _Rules(item)
    if draft.item_type == "essay":
        draft.open("essay")
        for text in rules.feedback.values():
            draft.words["feedback"] = f"{draft.words.get('feedback', '')}\n\n{text}".strip()
    elif draft.item_type == "short_text":
        _texts(draft, rules)
    else:
        _choices(draft, presentation, rules)
    return draft.done()


def _choices(draft: Draft, presentation: etree._Element, rules: _Rules) -> None:
    labels = list(_all(presentation, "response_label"))
    names = [label.get("ident", "") for label in labels]
    if len(set(names)) < len(names) or not names:
        raise NotReadable("options_twice")
    if draft.item_type == "multiple":
        right = tuple(name for name in names if name in rules.wanted())
        one = Declaration("RESPONSE", "multiple", "identifier", right, ())
        _, right, scoring, earned = several(names, one, lambda values: rules.run(values).score)
        tried = [list(right), *([name] for name in names)]
    else:
        scores = {name: rules.run([name]).score for name in names}
        best = max(scores.values())
        if best <= 0:
            raise NotReadable("no_points_option")
        earned = {name: str(max(score, Decimal(0)) * 100 / best) for name, score in scores.items()}
        right, scoring = tuple(name for name in names if scores[name] == best)[:1], "each"
        tried = [[name] for name in names]
    feedback = _feedback(draft, rules, tried, list(right), options=names)
    draft.choose(
        [
            Row(_material(label), earned[name], feedback.get(name, ""))
            for label, name in zip(labels, names, strict=True)
        ],
        several=draft.item_type == "multiple",
    )
    draft.fields[0]["scoring"] = scoring


def _texts(draft: Draft, rules: _Rules) -> None:
    rows = []
    for text, exact, within in rules.spellings():
        score = rules.run([text]).score
        if score > 0:
            plain_text = text.replace("*", "\\*")
            rows.append((score, Row(f"*{plain_text}*" if within else plain_text, case=exact)))
    if not rows:
        raise NotReadable("no_points_text")
    best = max(score for score, _ in rows)
    right = next(
        spelling for spelling, _, _ in rules.spellings() if rules.run([spelling]).score == best
    )
    _feedback(draft, rules, [[right], ["\u2603"]], [right], options=[])
    draft.write([Row(row.text, str(score * 100 / best), case=row.case) for score, row in rows])


def _feedback(
    draft: Draft, rules: _Rules, tried: Sequence[list[str]], right: list[str], options: list[str]
) -> dict[str, str]:
    """Feedback by the trials that show it: of one option, of right or wrong answers, of all."""
    by_option = {}
    for name, text in rules.feedback.items():
        seen = [trial for trial in tried if name in rules.run(trial).shown]
        if not seen:
            continue
        word = ""
        if len(seen) == len(tried):
            word = "feedback"
        elif seen == [right]:
            word = "feedback_right"
        elif seen == [trial for trial in tried if trial != right]:
            word = "feedback_wrong"
        elif len(seen) == 1 and len(seen[0]) == 1 and seen[0][0] in options:
            by_option[seen[0][0]] = text
            continue
        if not word:
            raise NotReadable("feedback_when", name=name[:60])
        draft.words[word] = f"{draft.words.get(word, '')}\n\n{text}".strip()
    return by_option


@dataclass(frozen=True, slots=True)
class _Outcome:
    score: Decimal
    shown: frozenset[str]


class _Rules:
    """The conditions of an item, carried out on answers rather than recognised."""

    def __init__(self, item: etree._Element) -> None:
        self.conditions = list(_all(item, "respcondition"))
        self.feedback = {
            each.get("ident", ""): _material(each)
            for each in _all(item, "itemfeedback")
            if _material(each)
        }

    def run(self, values: Sequence[str]) -> _Outcome:
        score, shown = Decimal(0), set()
        for condition in self.conditions:
            tests = [each for each in condition if local(each) == "conditionvar"]
            if not all(self._holds(test, values) for holder in tests for test in holder):
                continue
            for each in condition:
                if local(each) == "setvar":
                    value = _points(each.text or "")
                    score = score + value if each.get("action") == "Add" else value
                elif local(each) == "displayfeedback":
                    shown.add(each.get("linkrefid", ""))
            if condition.get("continue", "No").lower() != "yes":
                break
        return _Outcome(score, frozenset(shown))

    def wanted(self) -> set[str]:
        """Options that some condition which earns points asks for."""
        found = set()
        for condition in self.conditions:
            earns = any(
                local(each) == "setvar" and _points(each.text or "") > 0 for each in condition
            )
            for test in _all(condition, "varequal"):
                refused = any(local(above) == "not" for above in test.iterancestors())
                if earns and not refused:
                    found.add((test.text or "").strip())
        return found

    def spellings(self) -> list[tuple[str, bool, bool]]:
        """(text, whether case matters, whether it may stand in a longer one)."""
        return list(
            dict.fromkeys(
                (
                    (test.text or "").strip(),
                    test.get("case", "No").lower() == "yes",
                    local(test) == "varsubstring",
                )
                for condition in self.conditions
                for test in condition.iter()
                if local(test) in ("varequal", "varsubstring")
            )
        )

    def _holds(self, test: etree._Element, values: Sequence[str]) -> bool:
        kind = local(test)
        inner = [self._holds(each, values) for each in test]
        if kind == "other":
            return True
        if kind == "unanswered":
            return not values
        if kind in ("and", "or", "not"):
            return {"and": all(inner), "or": any(inner), "not": not all(inner)}[kind]
        if kind not in ("varequal", "varsubstring"):
            raise NotReadable("rule", element=f"<{kind[:60]}>")
        wanted = (test.text or "").strip()
        if test.get("case", "No").lower() != "yes":
            wanted, values = wanted.casefold(), [value.casefold() for value in values]
        return wanted in values if kind == "varequal" else any(wanted in one for one in values)


def _points(text: str) -> Decimal:
    text = text.strip()
    if not text.replace(".", "", 1).replace("-", "", 1).isdigit() or not text.isascii():
        raise NotReadable("number", text=text[:20])
    return Decimal(text)


def _metadata(item: etree._Element) -> dict[str, str]:
    found = {}
    for each in _all(item, "qtimetadatafield"):
        told = {local(child): (child.text or "").strip() for child in each}
        found[told.get("fieldlabel", "")] = told.get("fieldentry", "")
    return found


def _material(holder: etree._Element) -> str:
    """Text in an element, but for that of the options and rules inside it."""
    texts = []
    for material in _all(holder, "material"):
        above = [local(each) for each in material.iterancestors()]
        inside = above[: above.index(local(holder))]
        if "response_label" in inside or "render_choice" in inside:
            continue
        for text in material:
            if local(text) != "mattext":
                raise NotReadable("element", element=f"<{local(text)[:40]}>")
            is_html = text.get("texttype", "text/plain") == "text/html"
            texts.append(from_html(text.text or "") if is_html else from_text(text.text or ""))
    return "\n\n".join(filter(None, texts))


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in element.iter() if local(each) == name)
