"""QTI: what only the rules of an item say, in items of our own shaped as public examples are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from chorsu.training.formats.questions import VERSIONS, Found, read
from chorsu.training.items import Item, ItemText, Response, score
from tests.training.formats.packing import pack, written_package
from tests.training.formats.questions import samples

R = '<qti-variable identifier="RESPONSE"/>'
CORRECT = '<qti-correct identifier="RESPONSE"/>'
SAID = '<qti-outcome-declaration identifier="SAID" cardinality="multiple" base-type="identifier"/>'
MOST = (
    '<qti-outcome-declaration identifier="MAXSCORE" cardinality="single" base-type="float">'
    "<qti-default-value><qti-value>40</qti-value></qti-default-value></qti-outcome-declaration>"
)
ENTRY = '<qti-text-entry-interaction response-identifier="RESPONSE"/>'


def _value(text: str, base_type: str = "identifier") -> str:
    return f'<qti-base-value base-type="{base_type}">{text}</qti-base-value>'


def _set(outcome: str, expression: str) -> str:
    return f'<qti-set-outcome-value identifier="{outcome}">{expression}</qti-set-outcome-value>'


def _earn(points: str) -> str:
    return _set("SCORE", _value(points, "float"))


def _say(*identifiers: str) -> str:
    return _set("SAID", f"<qti-multiple>{''.join(map(_value, identifiers))}</qti-multiple>")


def _if(*branches: tuple[str, str], otherwise: str = "") -> str:
    names = ["response-if", *["response-else-if"] * len(branches)]
    told = "".join(
        f"<qti-{name}>{test}{then}</qti-{name}>"
        for name, (test, then) in zip(names, branches, strict=False)
    )
    rest = f"<qti-response-else>{otherwise}</qti-response-else>" if otherwise else ""
    return f"<qti-response-condition>{told}{rest}</qti-response-condition>"


def _rules(*rules: str) -> str:
    return f"<qti-response-processing>{''.join(rules)}</qti-response-processing>"


def _match(first: str, second: str) -> str:
    return f"<qti-match>{first}{second}</qti-match>"


def _modal(identifier: str, text: str, title: str = "") -> str:
    return (
        f'<qti-modal-feedback outcome-identifier="SAID" identifier="{identifier}" '
        f'show-hide="show" title="{title}"><qti-content-body>{text}</qti-content-body>'
        "</qti-modal-feedback>"
    )


def _inline(identifier: str, text: str) -> str:
    return (
        f'<qti-feedback-inline outcome-identifier="SAID" identifier="{identifier}" '
        f'show-hide="show">{text}</qti-feedback-inline>'
    )


def _one(content: bytes) -> Found:
    report = read(content, "item.xml", "en")
    assert report.troubles == ()
    return report.found[0]


def _points(found: Found, response: Response) -> Decimal:
    texts = {tag: ItemText(words, "original", 1) for tag, words in found.texts.items()}
    return score(Item("q", 1, "en", found.facts, texts), response, "en").points


def _comes_back(found: Found) -> None:
    for version in VERSIONS.values():
        package, left_out = written_package([("q", found.facts, found.texts)], version)
        (again,) = read(package, "again.zip", "en").found
        assert left_out == []
        assert (again.facts, again.texts) == (found.facts, found.texts)


def _words(found: Found) -> Mapping[str, str]:
    return found.texts["en"]


TITLED = samples.qti3(
    samples.response("single", "identifier", "B") + SAID,
    samples.choice(),
    _rules(
        _if((_match(R, CORRECT), _earn("1") + _say("yes")), otherwise=_say("no")),
    )
    + _modal("yes", "It stands in article 4.", "Right!")
    + _modal("no", "It stands in article 4.", "Not *quite*"),
)


def test_the_title_under_which_feedback_is_shown_is_a_part_of_it() -> None:
    found = _one(TITLED)

    assert _words(found)["feedback_right"] == "**Right!**\n\nIt stands in article 4."
    assert _words(found)["feedback_wrong"] == "**Not \\*quite\\***\n\nIt stands in article 4."
    _comes_back(found)


def test_what_is_said_of_one_option_alone_is_feedback_of_that_option() -> None:
    content = samples.qti3(
        samples.response("single", "identifier", "B") + SAID,
        samples.choice(),
        _rules(
            _if(
                (_match(R, CORRECT), _earn("1") + _say("yes")),
                (_match(R, _value("A")), _say("no", "a")),
                otherwise=_say("no"),
            ),
        )
        + _modal("yes", "Yes.")
        + _modal("no", "No.")
        + _modal("a", "A is the old law."),
    )

    found = _one(content)

    assert _words(found)["options.answer.a.feedback"] == "A is the old law."
    assert _words(found)["feedback_wrong"] == "No."
    assert "options.answer.c.feedback" not in _words(found)
    _comes_back(found)


def test_feedback_in_an_option_is_of_the_gap_in_which_it_stands() -> None:
    """Options of two gaps may have the same names."""
    declared = "".join(
        f'<qti-response-declaration identifier="{one}" cardinality="single" '
        f'base-type="identifier"><qti-correct-response><qti-value>Y</qti-value>'
        "</qti-correct-response></qti-response-declaration>"
        for one in ("FIRST", "SECOND")
    )
    gaps = " and ".join(
        f'<qti-inline-choice-interaction response-identifier="{one}">'
        f'<qti-inline-choice identifier="Y">yes</qti-inline-choice>'
        f'<qti-inline-choice identifier="N">no{said}</qti-inline-choice>'
        "</qti-inline-choice-interaction>"
        for one, said in (("FIRST", ""), ("SECOND", _inline("N", "Look again.")))
    )
    rules = "".join(
        _if(
            (
                f'<qti-match><qti-variable identifier="{one}"/>'
                f'<qti-correct identifier="{one}"/></qti-match>',
                _set("SCORE", f'<qti-sum><qti-variable identifier="SCORE"/>{_value("1", "float")}'
                "</qti-sum>"),
            )
        )
        for one in ("FIRST", "SECOND")
    )  # fmt: skip
    told = _set("SAID", '<qti-multiple><qti-variable identifier="SECOND"/></qti-multiple>')
    outcome = '<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>'

    found = _one(samples.qti3(declared + outcome + SAID, f"<p>{gaps}</p>", _rules(rules, told)))

    assert _words(found)["options.second.n.feedback"] == "Look again."
    assert "options.first.n.feedback" not in _words(found)


@pytest.mark.parametrize("around", ["{}", "<div>{}</div>", "<div><div>{}</div></div>"])
def test_a_number_that_only_a_rule_names_is_read(around: str) -> None:
    body = f"<p>How many?</p><div>{ENTRY}</div><div>{_inline('yes', 'Yes.')}</div>"
    content = samples.qti3(
        samples.response("single", "integer") + SAID,
        around.format(body),
        _rules(
            _if(
                (
                    f'<qti-equal tolerance-mode="exact">{R}{_value("42", "integer")}</qti-equal>',
                    _earn("10") + _say("yes"),
                ),
                otherwise=_earn("0"),
            )
        ),
    )

    found = _one(content)

    assert (found.facts["type"], found.facts["points"]) == ("numeric", "10")
    assert [_points(found, {"answer": number}) for number in ("42", "43")] == [10, 0]
    assert _words(found)["feedback_right"] == "Yes."
    _comes_back(found)


def _typed(*branches: tuple[str, str], after: str = "") -> bytes:
    declared = samples.response("single", "string", "Almaty") + SAID
    return samples.qti3(
        declared, f"<p>Which city?</p><p>{ENTRY}</p>{after}", _rules(_if(*branches))
    )


def test_a_text_that_only_a_rule_names_earns_its_part() -> None:
    found = _one(
        _typed(
            (_match(R, CORRECT), _earn("2")),
            (_match(R, _value("Verny", "string")), _earn("1")),
        )
    )

    assert [_points(found, {"answer": text}) for text in ("Almaty", "Verny", "Osh")] == [2, 1, 0]
    _comes_back(found)


def test_a_text_that_is_looked_for_in_a_longer_one_is_named() -> None:
    within = (
        f'<qti-string-match substring="true" case-sensitive="false">{R}'
        f"{_value('almaty', 'string')}</qti-string-match>"
    )

    report = read(_typed((within, _earn("1"))), "item.xml", "en")

    assert report.found == ()
    assert len(report.troubles) == 1


def test_what_is_said_to_one_of_two_right_texts_is_not_taken_for_both() -> None:
    said = _inline("new", "Its name since 1993.") + _inline("no", "The name has changed.")
    content = samples.qti3(
        samples.response("single", "string", "Almaty", "Almaty=1,Alma-Ata=1") + SAID,
        f"<p>Which city?</p><p>{ENTRY}</p><p>{said}</p>",
        _rules(
            _set("SCORE", '<qti-map-response identifier="RESPONSE"/>'),
            _if((_match(R, CORRECT), _say("new")), otherwise=_say("no")),
        ),
    )

    report = read(content, "item.xml", "en")

    assert report.found == ()
    assert len(report.troubles) == 1


def test_a_second_set_of_choices_that_only_a_rule_names_is_not_lost() -> None:
    def chosen(*options: str) -> str:
        return _match(R, f"<qti-multiple>{''.join(map(_value, options))}</qti-multiple>")

    def report(*branches: tuple[str, str]) -> int:
        declared = samples.response("multiple", "identifier", "A,B")
        content = samples.qti3(declared, samples.choice(0), _rules(_if(*branches)))
        return len(read(content, "item.xml", "en").found)

    first = (chosen("A", "B"), _earn("1"))

    assert report(first) == 1
    assert report(first, (chosen("A", "C"), _earn("1"))) == 0


@pytest.mark.parametrize(("said", "count"), [("true", 1), ("false", 0)])
def test_a_tolerance_without_its_ends_is_named(said: str, count: int) -> None:
    equal = (
        f'<qti-equal tolerance-mode="absolute" tolerance="1 1" include-lower-bound="{said}" '
        f'include-upper-bound="true">{R}{CORRECT}</qti-equal>'
    )
    content = samples.qti3(
        samples.response("single", "float", "10"), f"<p>?</p><p>{ENTRY}</p>",
        _rules(_if((equal, _earn("1")))),
    )  # fmt: skip

    assert len(read(content, "item.xml", "en").found) == count


def test_what_depends_on_an_answer_that_is_not_there_is_neither_true_nor_false() -> None:
    other = (
        '<qti-response-declaration identifier="OTHER" cardinality="single" base-type="identifier"/>'
    )
    both = _match(R, _value("B")) + _match('<qti-variable identifier="OTHER"/>', _value("X"))
    content = samples.qti3(
        samples.response("single", "identifier", "A") + other,
        samples.choice(),
        _rules(_if((f"<qti-not><qti-and>{both}</qti-and></qti-not>", _earn("1")))),
    )

    found = _one(content)

    assert [_points(found, {"answer": one}) for one in "abc"] == [1, 0, 1]


@pytest.mark.parametrize(("brought", "points"), [(True, "40"), (False, "1")])
def test_rules_that_a_package_brings_along_are_those_that_count(
    points: str, *, brought: bool
) -> None:
    """The Common Cartridge's `CC2_match` differs between 1EdTech's package and its site."""
    item = samples.qti3(
        samples.response("single", "identifier", "B") + MOST,
        samples.choice(),
        samples.template("CC2_match.xml"),
    )
    rules = _if((_match(R, CORRECT), _set("SCORE", '<qti-variable identifier="MAXSCORE"/>')))
    listed = '<resource identifier="i" type="imsqti_item_xmlv3p0" href="items/q.xml"/>' + (
        '<resource identifier="t" type="imsqti_rptemplate_xmlv3p0" href="rules/CC2_match.xml"/>'
        if brought
        else ""
    )
    package = pack(
        {
            "imsmanifest.xml": f"<manifest><resources>{listed}</resources></manifest>".encode(),
            "items/q.xml": item,
            "rules/CC2_match.xml": _rules(rules).encode(),
        }
    )

    (found,) = read(package, "package.zip", "en").found

    assert found.facts["points"] == points


def test_questions_that_are_named_alike_in_one_language_are_several() -> None:
    other = TITLED.replace(b"Look.", b"Look again.")
    listed = "".join(
        f'<resource identifier="{one}" type="imsqti_item_xmlv3p0" href="{one}.xml"/>'
        for one in ("a", "b")
    )
    manifest = f"<manifest><resources>{listed}</resources></manifest>".encode()

    report = read(pack({"imsmanifest.xml": manifest, "a.xml": TITLED, "b.xml": other}), "p", "en")

    assert [one.texts["en"]["stem"].split("\n")[0] for one in report.found] == [
        "Look.",
        "Look again.",
    ]
    assert report.troubles == ()


@pytest.mark.parametrize(
    ("kind", "file", "codes"),
    [
        ("imsqti_test_xmlv3p0", "<qti-assessment-test identifier='t' title='T'/>", ["whole_test"]),
        ("imsqti_test_xmlv2p2", "<assessmentTest identifier='t' title='T'/>", ["whole_test"]),
        ("imslti_xmlv1p3", "<cartridge_basiclti_link/>", ["other_system"]),
        ("imsqti_test_xmlv3p0", "<qti-assessment-stimulus identifier='s' title='S'/>", []),
    ],
)
def test_questions_of_a_test_are_read_and_the_test_around_them_is_named(
    kind: str, file: str, codes: list[str]
) -> None:
    manifest = (
        f'<manifest><resources><resource identifier="t" type="{kind}" href="around.xml"/>'
        '<resource identifier="q" type="imsqti_item_xmlv3p0" href="q.xml"/></resources></manifest>'
    )
    files = {"imsmanifest.xml": manifest.encode(), "around.xml": file.encode(), "q.xml": TITLED}

    report = read(pack(files), "package.zip", "en")

    assert len(report.found) == 1
    assert [(one.place, one.code) for one in report.troubles] == [
        ("around.xml", code) for code in codes
    ]
