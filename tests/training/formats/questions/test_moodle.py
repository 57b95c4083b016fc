"""Moodle XML: constructs as its own exports have them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chorsu.training.formats.questions import Found, read
from chorsu.training.items import Item, ItemText, score


def _quiz(kind: str, inner: str, stem: str = "<p>Which are <b>even</b>?</p>") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><quiz><question type="category"><category>'
        "<text>top</text></category></question>"
        f'<question type="{kind}"><name><text>Numbers</text></name><questiontext format="html">'
        f"<text><![CDATA[{stem}]]></text></questiontext><generalfeedback><text>Two and four."
        f"</text></generalfeedback><defaultgrade>2.0000000</defaultgrade>{inner}</question></quiz>"
    ).encode()


def _one(content: bytes) -> Found:
    report = read(content, "quiz.xml", "en")
    assert report.troubles == ()
    (found,) = report.found
    return found


def _points(content: bytes, response: dict[str, object]) -> Decimal:
    found = _one(content)
    texts = {tag: ItemText(words, "original", 1) for tag, words in found.texts.items()}
    return score(Item("q", 1, "en", found.facts, texts), response, "en").points


def _answer(text: str, fraction: str, more: str = "", feedback: str = "") -> str:
    return (
        f'<answer fraction="{fraction}" format="html"><text>{text}</text>'
        f'<feedback format="html"><text>{feedback}</text></feedback>{more}</answer>'
    )


CHOICES = "".join(
    _answer(text, fraction)
    for text, fraction in (("1", "-100"), ("2", "33.33333"), ("4", "33.33333"), ("6", "33.33333"))
)
MULTIPLE = _quiz(
    "multichoice",
    '<single>false</single><shuffleanswers>0</shuffleanswers><correctfeedback format="html">'
    f"<text>Well done.</text></correctfeedback>{CHOICES}",
)


def test_thirds_of_a_multiple_choice_are_thirds() -> None:
    found = _one(MULTIPLE)

    assert found.facts["shuffle"] is False
    assert found.texts["en"] == {
        "title": "Numbers",
        "stem": "Which are **even**?",
        "feedback": "Two and four.",
        "feedback_right": "Well done.",
        **{f"options.answer.k{n}.text": text for n, text in enumerate("1246", 1)},
    }
    assert _points(MULTIPLE, {"answer": ["k2", "k3", "k4"]}) == 2
    assert _points(MULTIPLE, {"answer": ["k2"]}) == Decimal("0.6667")
    assert _points(MULTIPLE, {"answer": ["k1", "k2", "k3"]}) == 0


def test_true_and_false() -> None:
    inner = _answer("true", "0", feedback="No.") + _answer("false", "100")
    content = _quiz("truefalse", inner)

    assert _one(content).texts["en"]["options.answer.k1.feedback"] == "No."
    assert _points(content, {"answer": "k2"}) == 2


def test_short_answers_with_case() -> None:
    inner = "<usecase>1</usecase>" + _answer("Beta", "100") + _answer("*", "20", feedback="Hm.")
    content = _quiz("shortanswer", inner)

    assert [_points(content, {"answer": said}) for said in ("Beta", "beta")] == [
        2, Decimal("0.4"),
    ]  # fmt: skip


def test_numbers_with_units() -> None:
    inner = (
        _answer("23", "100", "<tolerance>0.5</tolerance>")
        + "<unitgradingtype>0</unitgradingtype><units><unit><multiplier>1</multiplier><unit_name>m"
        "</unit_name></unit><unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit>"
        "</units>"
    )
    content = _quiz("numerical", inner)

    points = {said: _points(content, {"answer": said}) for said in ("23.5", "2310 cm", "23 km")}
    assert points == {"23.5": 2, "2310 cm": 2, "23 km": 0}


def test_pairs_with_a_target_more() -> None:
    inner = "".join(
        f'<subquestion format="html"><text>{one}</text><answer><text>{two}</text></answer>'
        "</subquestion>"
        for one, two in (("A", "a"), ("B", "b"), ("", "c"))
    )
    content = _quiz("matching", inner)

    assert len(_one(content).facts["fields"][0]["targets"]) == 3
    assert _points(content, {"answer": {"k1": "m1", "k2": "m3"}}) == 1


def test_an_order() -> None:
    inner = "<gradingtype>ALL_OR_NOTHING</gradingtype>" + "".join(
        _answer(text, "1.0") for text in ("first", "second", "third")
    )
    content = _quiz("ordering", inner)

    assert _points(content, {"answer": ["k1", "k2", "k3"]}) == 2
    assert _points(content, {"answer": ["k2", "k1", "k3"]}) == 0


def test_an_essay_with_notes_for_markers() -> None:
    inner = (
        "<responseformat>editor</responseformat><attachments>0</attachments>"
        '<graderinfo format="html"><text><![CDATA[<p>Be <b>generous</b>.</p>]]></text></graderinfo>'
    )

    found = _one(_quiz("essay", inner))

    assert found.facts["rubric"] == [{"key": "k1", "points": 2}]
    assert found.texts["en"]["rubric.k1.criterion"] == "Be **generous**."


CLOZE = _quiz(
    "multianswer",
    "",
    "<p>The capital is {1:SHORTANSWER:=Bishkek#Yes~%50%Frunze#Once}, of "
    "{2:MULTICHOICE:~Chuy=Chuy valley\\~east#no~=Tom &amp; Jerry} in "
    "{:NUMERICAL:=1991:1~%25%1990:5}.</p>",
)


def test_gaps_of_a_cloze() -> None:
    found = _one(CLOZE)

    assert found.facts["points"] == "4"
    assert found.texts["en"]["stem"] == "The capital is [[g1]], of [[g2]] in [[g3]]."
    assert found.texts["en"]["options.g2.k2.text"] == "Tom & Jerry"
    assert _points(CLOZE, {"g1": "frunze", "g2": "k2", "g3": "1995"}) == Decimal("2.75")


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (_quiz("description", ""), "question_type", {"name": "description"}),
        (_quiz("calculated", ""), "question_type", {"name": "calculated"}),
        (_quiz("multichoice", _answer("&lt;img/>", "100")), "picture_missing", {"name": "?"}),
        (_quiz("multichoice", _answer("1", "0") + _answer("2", "0")), "no_points_option", {}),
        (
            _quiz("multianswer", "", "<p>{1:MULTIRESPONSE:=a~b}</p>"),
            "gap_type",
            {"name": "MULTIRESPONSE"},
        ),
        (_quiz("numerical", _answer("many", "100")), "number", {"text": "many"}),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named_by_number_and_name(
    content: bytes, code: str, params: dict[str, str]
) -> None:
    report = read(content, "quiz.xml", "en")

    assert report.found == ()
    (trouble,) = report.troubles
    assert (trouble.place, trouble.code, trouble.params) == ("2: Numbers", code, params)
