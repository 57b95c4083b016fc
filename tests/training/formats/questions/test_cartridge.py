"""Common Cartridge: question banks and tests in QTI 1.2 of its profile."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chorsu.training.formats.questions import Found, read
from chorsu.training.items import Item, ItemText, score
from tests.training.formats.packing import pack

QTI12 = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"


def _item(profile: str, presentation: str, processing: str, feedback: str = "") -> str:
    return (
        f'<item ident="i1" title="First"><itemmetadata><qtimetadata><qtimetadatafield>'
        f"<fieldlabel>cc_profile</fieldlabel><fieldentry>{profile}</fieldentry>"
        "</qtimetadatafield></qtimetadata></itemmetadata><presentation><material>"
        '<mattext texttype="text/html">&lt;p&gt;Which are &lt;b&gt;even&lt;/b&gt;?&lt;/p&gt;'
        f"</mattext></material>{presentation}</presentation><resprocessing><outcomes>"
        '<decvar varname="SCORE" vartype="Decimal" minvalue="0" maxvalue="100"/></outcomes>'
        f"{processing}</resprocessing>{feedback}</item>"
    )


def _lid(cardinality: str) -> str:
    labels = "".join(
        f'<response_label ident="{one}"><material><mattext texttype="text/plain">{text}</mattext>'
        "</material></response_label>"
        for one, text in (("P", "2"), ("Q", "3"), ("R", "4"))
    )
    return (
        f'<response_lid ident="r1" rcardinality="{cardinality}"><render_choice>{labels}'
        "</render_choice></response_lid>"
    )


def _when(condition: str, then: str = '<setvar action="Set" varname="SCORE">100</setvar>') -> str:
    return (
        f'<respcondition continue="No"><conditionvar>{condition}</conditionvar>{then}'
        "</respcondition>"
    )


def _is(value: str) -> str:
    return f'<varequal respident="r1">{value}</varequal>'


def _bank(*items: str) -> bytes:
    inner = f'<objectbank ident="b">{"".join(items)}</objectbank>'
    return f'<questestinterop xmlns="{QTI12}">{inner}</questestinterop>'.encode()


SINGLE = _item("cc.multiple_choice.v0p1", _lid("Single"), _when(_is("R")))
MULTIPLE = _item(
    "cc.multiple_response.v0p1",
    _lid("Multiple"),
    _when(f"<and>{_is('P')}<not>{_is('Q')}</not>{_is('R')}</and>"),
)
FIB = _item(
    "cc.fib.v0p1",
    '<response_str ident="r1"><render_fib/></response_str>',
    _when(_is("Osh")) + _when('<varequal respident="r1" case="Yes">OSH</varequal>'),
)
PATTERN = _item(
    "cc.pattern_match.v0p1",
    '<response_str ident="r1"><render_fib/></response_str>',
    _when('<varsubstring respident="r1">minist</varsubstring>'),
)
ESSAY = _item("cc.essay.v0p1", '<response_str ident="r1"><render_fib/></response_str>', "")


def _one(item: str) -> Found:
    report = read(_bank(item), "bank.xml", "en")
    assert report.troubles == ()
    return report.found[0]


def _points(item: str, response: object) -> Decimal:
    found = _one(item)
    texts = {tag: ItemText(words, "original", 1) for tag, words in found.texts.items()}
    return score(Item("q", 1, "en", found.facts, texts), {"answer": response}, "en").points


@pytest.mark.parametrize(
    ("item", "right", "wrong"),
    [
        (SINGLE, "k3", "k1"),
        (MULTIPLE, ["k1", "k3"], ["k1", "k2", "k3"]),
        (MULTIPLE, ["k1", "k3"], ["k1"]),
        (FIB, "osh", "Naryn"),
        (PATTERN, "the Ministry", "the office"),
    ],
)
def test_an_answer_earns_what_the_rules_give_it(item: str, right: object, wrong: object) -> None:
    assert (_points(item, right), _points(item, wrong)) == (1, 0)


def test_words_are_those_of_the_file() -> None:
    found = _one(SINGLE)

    assert found.place == "bank.xml: First"
    assert found.texts["en"] == {
        "title": "First",
        "stem": "Which are **even**?",
        **{f"options.answer.k{n}.text": text for n, text in enumerate("234", 1)},
    }
    assert _one(ESSAY).facts["type"] == "essay"


def test_feedback_is_where_the_rules_show_it() -> None:
    told = "".join(
        f'<itemfeedback ident="{name}"><material><mattext>{name}!</mattext></material>'
        "</itemfeedback>"
        for name in ("all", "good", "p")
    )
    show = '<displayfeedback feedbacktype="Response" linkrefid="{0}"/>'.format
    rules = (
        '<respcondition continue="Yes"><conditionvar><other/></conditionvar>'
        f"{show('all')}</respcondition>"
        f'<respcondition continue="Yes"><conditionvar>{_is("P")}</conditionvar>{show("p")}'
        "</respcondition>"
        + _when(_is("R"), f'<setvar action="Set" varname="SCORE">100</setvar>{show("good")}')
    )

    words = _one(_item("cc.multiple_choice.v0p1", _lid("Single"), rules, told)).texts["en"]

    assert (words["feedback"], words["feedback_right"]) == ("all!", "good!")
    assert words["options.answer.k1.feedback"] == "p!"


def test_a_cartridge_gives_its_banks_and_tests_and_nothing_else() -> None:
    manifest = (
        b'<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1"><resources>'
        b'<resource type="imsqti_xmlv1p2/imscc_xmlv1p3/question-bank"><file href="b/bank.xml"/>'
        b'</resource><resource type="imsqti_xmlv1p2/imscc_xmlv1p3/assessment" href="t.xml"/>'
        b'<resource type="webcontent" href="page.html"/></resources></manifest>'
    )
    members = {"imsmanifest.xml": manifest, "b/bank.xml": _bank(SINGLE), "t.xml": _bank(FIB, ESSAY)}

    report = read(pack({**members, "page.html": b"<p>"}), "c.imscc", "en")

    assert [one.facts["type"] for one in report.found] == ["single", "short_text", "essay"]
    assert report.troubles == ()


def test_a_profile_that_is_not_supported_is_named() -> None:
    report = read(_bank(SINGLE.replace("cc.multiple_choice.v0p1", "cc.other.v0p1")), "b.xml", "en")

    assert [(one.place, one.code) for one in report.troubles] == [("b.xml: First", "profile")]
