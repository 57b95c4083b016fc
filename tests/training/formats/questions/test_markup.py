"""Between HTML and Markdown: what is said stays, and what cannot be said is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from chorsu.kernel.text import normalise
from chorsu.training.formats.questions import NotReadable
from chorsu.training.formats.questions.markup import (
    from_html,
    from_text,
    to_html,
    to_html_text,
)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One <em>two</em> <b>three</b>.</p>", "One *two* **three**."),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("plain &amp; simple", "plain & simple"),
        ("<p>5 * 5 < 26_ [x]</p>", "5 \\* 5 \\< 26\\_ \\[x\\]"),
        ("a<br/>b<br>", "a\\\nb"),
        ("<ul><li>a</li><li><p>b</p><ol><li>c</li></ol></li></ul>", "- a\n- b\n\n  1. c"),
        ("<blockquote><p>a<br/>b</p></blockquote>", "> a\\\n> b"),
        ("<pre>x = 1\n\ny</pre>", "```\nx = 1\n\ny\n```"),
        ("<code>a`b</code>", "``a`b``"),
        ('<a href="https://example.org/a">law</a>', "[law](https://example.org/a)"),
        ('<a href="javascript:alert(1)">law</a>', "law"),
        ("<h2>Title</h2><div><span>text</span></div>", "## Title\n\ntext"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("<table><tr><td> </td></tr></table><br/><p>x</p>", "x"),
        (
            "<p>CO<sub>2</sub>, 10 km<sup> 2 </sup>, 10<sup>-6</sup></p>",
            "CO\u2082, 10 km\xb2, 10\u207b\u2076",
        ),
        ("<figure><p>x</p><figcaption>Map 1</figcaption></figure>", "x\n\nMap 1"),
        ('<p>Team <bdo dir="ltr">F1</bdo></p>', "Team F1"),
        ("<p># no heading</p>", "\\# no heading"),
        ("<p>1. no list</p>", "1\\. no list"),
        ("<p> <b>bold </b>after</p>", "**bold** after"),
    ],
)
def test_html_becomes_the_markdown_that_shows_the_same(html: str, markdown: str) -> None:
    assert from_html(html) == markdown
    # And stays so through another turn.
    assert from_html(to_html_text(markdown)) == markdown


@pytest.mark.parametrize(
    ("html", "code", "params"),
    [
        ("<p><img src='x'/></p>", "picture_missing", {"name": "x"}),
        ("<math><mi>x</mi></math>", "element", {"element": "<math>"}),
        ("<table><tr><td colspan='2'>a</td></tr></table>", "joined_cells", {}),
        ("<p><video src='x'></video></p>", "element", {"element": "<video>"}),
        ("<script>alert(1)</script>", "element", {"element": "<script>"}),
        ("<sub>x</sub>", "element", {"element": "<sub>"}),
        ("<sup>2<b>a</b></sup>", "element", {"element": "<sup>"}),
        ("<ul><li>a</li><p>b</p></ul>", "list", {"element": "<ul>"}),
        ("<p><bdo dir='rtl'>abc</bdo></p>", "element", {"element": "<bdo>"}),
        ("<p><bdo dir='ltr'>\u05d0\u05d1</bdo></p>", "element", {"element": "<bdo>"}),
    ],
)
def test_what_markdown_cannot_say_is_named(html: str, code: str, params: dict[str, str]) -> None:
    with pytest.raises(NotReadable) as refused:
        from_html(html)

    assert (refused.value.code, refused.value.params) == (code, params)


@given(st.text(max_size=200))
def test_plain_text_shows_as_it_was(text: str) -> None:
    shown = "".join(
        "".join(str(part) for part in each.itertext()) for each in to_html(from_text(text))
    )

    def letters(value: str) -> str:
        return "".join(value.split())

    assert letters(shown) == letters(normalise(text))


@given(st.text(alphabet="<>/pbliemul=\"' &;*_`#[]()\\\n-+1.ab", max_size=80))
def test_any_html_is_read_or_refused(text: str) -> None:
    try:
        markdown = from_html(text)
    except NotReadable:
        return
    assert all(isinstance(each, etree._Element) for each in to_html(markdown))
