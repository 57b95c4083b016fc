"""QTI: what others write is read as it was meant; what is written is read again as it was."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import pytest

from chorsu.training.formats.questions import VERSIONS, Code, Trouble, read
from chorsu.training.formats.questions.qti import Version
from chorsu.training.items import Item, ItemText, Response, clean_facts, empty_facts, score
from tests.training.formats.packing import pack, written_package
from tests.training.formats.questions import samples
from tests.training.items import builders
from tests.training.items.test_showing import ALL


def _one(content: bytes) -> Item:
    report = read(content, "file.xml", "en")
    assert report.troubles == ()
    (one,) = report.found
    language = next(iter(one.texts))
    texts = {tag: ItemText(words, "original", 1) for tag, words in one.texts.items()}
    return Item("q", 1, language, one.facts, texts)


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("name", samples.SUPPORTED)
def test_what_others_write_is_written_again_without_loss(name: str, version: Version) -> None:
    (first,) = read(samples.SUPPORTED[name], name, "en").found

    package, left_out = written_package([("one", first.facts, first.texts)], version)
    again = read(package, "again.zip", "en")

    assert (left_out, again.troubles) == ([], ())
    assert (again.found[0].facts, again.found[0].texts) == (first.facts, first.texts)


WRITABLE = [
    *(item for item in ALL if item.facts["type"] not in ("numeric", "ordering")),
    builders.multiple("all"),
    builders.matching("all"),
    builders.ordering("all"),
]


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("item", WRITABLE, ids=lambda item: item.facts["type"])
def test_our_own_questions_come_back_in_all_their_languages(item: Item, version: Version) -> None:
    texts = {language: text.words for language, text in item.texts.items()}

    package, left_out = written_package([("q1", item.facts, texts)], version)
    (again,) = read(package, "again.zip", "en").found

    assert left_out == []
    assert again.facts["fields"] == item.facts["fields"]
    assert again.facts["points"] == item.facts["points"]
    assert {tag: dict(words) for tag, words in again.texts.items()} == {
        tag: {**words, "title": words.get("title", "q1")} for tag, words in texts.items()
    }


@pytest.mark.parametrize(
    ("name", "response", "points"),
    [
        ("single", "b", "1"),
        ("single", "a", "0"),
        ("multiple-all", ["a", "c"], "1"),
        ("multiple-all", ["a"], "0"),
        ("multiple-each", ["a"], "1"),
        ("multiple-each", ["a", "b", "c"], "0"),
        ("order", ["driverc", "drivera", "driverb"], "1"),
        ("order", ["drivera", "driverc", "driverb"], "0"),
        ("match-each", {"c": "r", "d": "m"}, "1.5"),
        ("match-all", {"c": "r", "d": "m", "l": "m", "p": "t"}, "1"),
        ("match-all", {"c": "r", "d": "m", "l": "m"}, "0"),
        ("processed", "b", "10"),
        ("number-2.2", "3,15", "2"),
        ("number-2.2", "3.16", "0"),
    ],
)
def test_an_answer_earns_what_it_earned_there(name: str, response: object, points: str) -> None:
    item = _one(samples.SUPPORTED[name])

    assert score(item, {"answer": response}, item.original_language).points == Decimal(points)


@pytest.mark.parametrize(
    ("response", "points"), [("York", "1"), ("york", "0.5"), ("YORK", "0.5"), ("Leeds", "0")]
)
def test_letters_case_counts_entry_by_entry(response: str, points: str) -> None:
    item = _one(samples.TEXT_ENTRY)

    assert score(item, {"response": response}, "en").points == Decimal(points)


def test_gaps_are_worth_what_they_were_and_the_language_is_the_files() -> None:
    item = _one(samples.QTI22_CLOZE)
    answers: Response = {"r1": "лес", "r2": "луг"}

    assert item.original_language == "ru"
    assert item.texts["ru"].words["stem"] == "Новый [[r1]] и [[r2]]."
    assert score(item, answers, "ru").points == 1
    assert score(item, {**answers, "r2": "ПОЛЕ"}, "ru").points == 3


def test_markup_becomes_markdown_and_prompts_follow_the_text() -> None:
    words = _one(samples.SINGLE).texts["en"].words

    assert words["stem"] == "Look.\n\nWhich?"
    assert words["options.answer.a.text"] == "Choice *A*"


def test_feedback_goes_where_trials_show_it() -> None:
    processed = _one(samples.PROCESSED).texts["en"].words
    by_option = _one(samples.OPTION_FEEDBACK).texts["en"].words

    assert (processed["feedback_right"], processed["feedback_wrong"]) == ("Yes.", "No.")
    assert by_option["options.answer.a.feedback"] == "— about A"
    assert by_option["options.answer.a.text"] == "Choice *A*"
    assert "feedback_right" not in by_option


def test_choices_that_are_not_shuffled_with_the_others_keep_their_places() -> None:
    (fixed,) = _one(samples.FIXED).facts["fields"]
    both = _one(samples.HALF_SHUFFLED).facts
    unshuffled = _one(samples.FIXED.replace(b'shuffle="true"', b'shuffle="false"')).facts

    assert [row.get("fixed", False) for row in fixed["options"]] == [False, False, True]
    assert both["shuffle"]
    assert [[row.get("fixed") for row in one["options"]] for one in both["fields"]] == [
        [None, None, None],
        [True, True, True],
    ]
    assert not unshuffled["shuffle"]
    assert not any("fixed" in row for row in unshuffled["fields"][0]["options"])


@pytest.mark.parametrize("name", ["cartridge-basic", "cartridge-map"])
def test_templates_of_cartridges_give_the_most_points_and_their_feedback(name: str) -> None:
    item = _one(samples.SUPPORTED[name])

    assert item.facts["points"] == "5"
    assert item.texts["en"].words["feedback_right"] == "It is correct."
    assert item.texts["en"].words["feedback_wrong"] == "It is incorrect."


def test_feedback_is_found_through_rules_of_any_shape() -> None:
    added_up = _one(samples.ADDED_UP).texts["en"].words
    gathered = _one(samples.GATHERED).texts["en"].words

    assert added_up["feedback_right"] == "Yes."
    assert (added_up["feedback_partly"], added_up["feedback_wrong"]) == ("No.", "No.")
    assert gathered["feedback_right"] == "**correct!**\n\nIt was correct."
    assert gathered["feedback_wrong"] == "**incorrect!**\n\nIt was incorrect."


_CHOICE = samples.response("single", "identifier", "B")
MATCHED = samples.template("match_correct")
_HOTSPOT = '<qti-hotspot-interaction response-identifier="RESPONSE"/>'


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (samples.qti3(_CHOICE, _HOTSPOT), "element", {"element": "<hotspot-interaction>"}),
        (
            samples.qti3(_CHOICE, samples.choice() + "<p>After it.</p>", MATCHED),
            "text_after",
            {},
        ),
        (
            samples.qti3(_CHOICE, '<p><img src="x.png" alt=""/></p>' + samples.choice(), MATCHED),
            "picture_missing",
            {"name": "x.png"},
        ),
        (
            samples.qti3(_CHOICE, "<p><math><mi>x</mi></math></p>" + samples.choice(), MATCHED),
            "element",
            {"element": "<math>"},
        ),
        (samples.qti3(_CHOICE, samples.choice()), "no_answer_earns", {}),
        (
            samples.qti3(_CHOICE, samples.choice(), samples.template("my_own")),
            "template",
            {"name": "my_own"},
        ),
        (
            samples.qti3(
                _CHOICE,
                samples.choice(),
                "<qti-response-processing><qti-lookup-outcome-value identifier=\"SCORE\"/>"
                "</qti-response-processing>",
            ),
            "rule",
            {"element": "<lookup-outcome-value>"},
        ),
        (
            samples.qti3(_CHOICE, samples.choice(), "<qti-template-processing/>"),
            "element",
            {"element": "<template-processing>"},
        ),
        (
            samples.SINGLE.replace(b"time-dependent", b'adaptive="true" time-dependent'),
            "adaptive",
            {},
        ),
        (
            samples.qti3(_CHOICE, samples.choice() * 2, MATCHED),
            "several_interactions",
            {},
        ),
        (
            samples.SINGLE.replace(b"match_correct", b"CC3_match"),
            "template",
            {"name": "cc3_match"},
        ),
        (
            samples.MATCH_EACH.replace(b'identifier="C"', b'identifier="Z"', 1),
            "right_pairs",
            {},
        ),
        (
            samples.CARTRIDGE_BASIC.replace(b"CC2_match_basic", b"CC2_match"),
            "feedback_never",
            {},
        ),
        (
            samples.MULTIPLE_EACH.replace(b"<qti-mapping ", b'<qti-mapping upper-bound="1" '),
            "choice_points",
            {"name": "A, C"},
        ),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named_with_its_place(
    content: bytes, code: Code, params: dict[str, str]
) -> None:
    report = read(content, "items/file.xml", "en")

    assert report.found == ()
    (trouble,) = report.troubles
    assert trouble == Trouble("items/file.xml", code, params)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (builders.numeric(), "say_units"),
        (builders.ordering("each"), "say_part_order"),
        (builders.short_text("en", "any*"), "say_wildcard"),
    ],
)
def test_what_qti_cannot_say_is_left_out_and_named(item: Item, code: str) -> None:
    texts = {"en": item.texts["en"].words}

    package, left_out = written_package(
        [("q1", item.facts, texts)], VERSIONS["3.0"], say=lambda trouble: f"({trouble.code})"
    )

    assert [(one.place, one.code) for one in left_out] == [("q1 en", code)]
    with zipfile.ZipFile(io.BytesIO(package)) as members:
        assert members.read("left-out.txt").decode() == f"q1 en: ({code})\n"
    assert read(package, "p.zip", "en").found == ()


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
def test_gaps_in_the_order_of_each_languages_sentence_are_one_question(version: Version) -> None:
    said = {"options.who.x.text": "P", "options.who.y.text": "N", "texts.where.t1.spellings": "T"}
    stems = {
        "en": "[[who]] met in [[year]] in [[where]].",
        "kk": "[[year]] жылы [[where]] қаласында [[who]] жиналды.",
        "zh-Hans": "[[where]]，[[year]]年，[[who]]。",
    }
    texts = {tag: {**said, "stem": stem, "title": "q"} for tag, stem in stems.items()}
    facts = builders.cloze().facts
    package, _left_out = written_package([("q", facts, texts)], version)
    report = read(package, "again.zip", "en")
    assert report.troubles == ()
    assert report.found[0].texts == texts
    assert report.found[0].facts["fields"] == facts["fields"]


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("order", ["en ru kk", "ru kk en"])
def test_a_language_without_a_spelling_for_a_part_is_one_of_the_same_question(
    version: Version, order: str
) -> None:
    rows = [{"key": "t1", "credit": "100"}, {"key": "t2", "credit": "50"}]
    spelled = {"en": ("York\nYorke", "Yrk"), "ru": ("Йорк", ""), "kk": ("Йорк", "Йрк")}
    texts = {
        tag: {"stem": "?", "title": "q"}
        | {f"texts.answer.t{n}.spellings": one for n, one in enumerate(spelled[tag], 1) if one}
        for tag in order.split()
    }
    facts = builders.item("short_text", [{"texts": rows}], {"en": texts["en"]}).facts
    package, _left_out = written_package([("q", facts, texts)], version)
    report = read(package, "again.zip", "en")
    assert report.troubles == ()
    assert report.found[0].texts == texts
    assert report.found[0].facts["fields"] == facts["fields"]


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("tags", ["en ru kk", "en"])
def test_a_spelling_that_is_right_in_every_language_comes_back_as_one(
    version: Version, tags: str
) -> None:
    rows = [
        {"key": "t1", "credit": "100", "anywhere": ["GDP", "a \\* b"]},
        {"key": "t2", "credit": "50", "anywhere": ["Gross"]},
    ]
    spelled = {"en": "product\nGNP", "ru": "ВВП", "kk": "ЖІӨ\nGNP"}
    texts = {
        tag: {"stem": "?", "title": "q", "texts.answer.t1.spellings": spelled[tag]}
        for tag in tags.split()
    }
    facts = builders.item("short_text", [{"texts": rows}], {"en": texts["en"]}).facts
    package, left_out = written_package([("q", facts, texts)], version)
    report = read(package, "again.zip", "en")
    assert (left_out, report.troubles) == ([], ())
    assert report.found[0].texts == texts
    assert report.found[0].facts["fields"] == facts["fields"]


def test_a_language_that_disagrees_is_named_and_the_rest_is_kept() -> None:
    other = samples.SINGLE.replace(b"en-US", b"kk").replace(b"<qti-value>B", b"<qti-value>C")
    manifest = (
        b'<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"><resources>'
        b'<resource type="imsqti_item_xmlv3p0" href="a%20b.xml"/>'
        b'<resource type="imsqti_item_xmlv3p0" href="kk.xml"/>'
        b'<resource type="webcontent" href="x.css"/></resources></manifest>'
    )

    report = read(
        pack({"imsmanifest.xml": manifest, "a b.xml": samples.SINGLE, "kk.xml": other}), "p", "en"
    )

    assert [list(one.texts) for one in report.found] == [["en"]]
    assert [(one.place, one.code) for one in report.troubles] == [("kk.xml", "other_language")]


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
@pytest.mark.parametrize("kind", ["essay", "file"])
def test_a_rubric_and_two_markers_come_back(kind: str, version: Version) -> None:
    rubric = [{"key": "clarity", "points": 3}, {"key": "law", "points": 2}]
    facts = {**empty_facts(kind), "points": "5", "rubric": rubric, "second_marker": True}
    words = {
        "stem": "Write.",
        "rubric.clarity.criterion": "Is it clear?",
        "rubric.clarity.levels": "0: no\n3: yes",
        "rubric.law.criterion": "Is the law named?",
    }
    clean = clean_facts(facts)

    package, left_out = written_package([("q", clean, {"en": words})], version)
    (again,) = read(package, "again.zip", "en").found

    assert left_out == []
    assert again.facts == {**clean, "shuffle": False}
    assert again.texts == {"en": {"title": "q", **words}}


ESSAY = '<qti-extended-text-interaction response-identifier="RESPONSE"/>'


def _rubric(view: str, content: str) -> str:
    inside = f"<qti-content-body>{content}</qti-content-body>"
    return f'<qti-rubric-block view="{view}">{inside}</qti-rubric-block>'


def test_what_another_system_tells_its_scorers_is_one_criterion_for_all_the_points() -> None:
    told = "<h1>Guidelines</h1><p><b>Max:</b> 3 points</p><ul><li>1 less for each error</li></ul>"
    maximum = (
        '<qti-outcome-declaration identifier="MAXSCORE" cardinality="single" base-type="float">'
        "<qti-default-value><qti-value>3.0</qti-value></qti-default-value>"
        "</qti-outcome-declaration>"
    )
    content = samples.qti3(
        samples.response("single", "string") + maximum,
        "<p>Write.</p>" + ESSAY + _rubric("scorer", told),
    )

    found = _one(content)

    assert found.facts["rubric"] == [{"key": "k1", "points": 3}]
    words = found.texts["en"].words
    assert (words["stem"], words["rubric.k1.criterion"]) == ("Write.", "Guidelines")
    assert words["rubric.k1.levels"] == "Max: 3 points\n1 less for each error"


def test_what_candidates_are_told_in_a_rubric_is_a_part_of_the_question() -> None:
    content = samples.qti3(
        samples.response("single", "string"),
        _rubric("candidate scorer", "<p>Use <em>30</em> words.</p>") + "<p>Write.</p>" + ESSAY,
    )

    assert _one(content).texts["en"].words["stem"] == "Use *30* words.\n\nWrite."


@pytest.mark.parametrize(
    ("content", "code", "params"),
    [
        (_rubric("author", "<p>x</p>"), "rubric_view", {"name": "author"}),
        (_rubric("scorer", "<p>x</p>") * 2, "several_rubrics", {}),
    ],
)
def test_what_a_rubric_tells_others_is_named(
    content: str, code: str, params: dict[str, str]
) -> None:
    item = samples.qti3(samples.response("single", "string"), "<p>Write.</p>" + ESSAY + content)

    (trouble,) = read(item, "one.xml", "en").troubles

    assert (trouble.code, trouble.params) == (code, params)
