"""Markdown of practices becomes HTML that can do no harm."""

from __future__ import annotations

import pytest

from chorsu.web.markdown import to_html


def test_lists_emphasis_and_links_are_kept() -> None:
    html = to_html("- **one**\n- [two](https://a.example/b)")
    assert html == (
        "<ul>\n<li><strong>one</strong></li>\n"
        '<li><a href="https://a.example/b" rel="noopener noreferrer nofollow">two</a></li>\n</ul>\n'
    )


def test_headings_go_below_those_of_the_page() -> None:
    assert to_html("# A\n\n## B") == "<h3>A</h3>\n<h4>B</h4>\n"
    assert to_html("### A\n\n# B") == "<h5>A</h5>\n<h3>B</h3>\n"
    assert to_html("###### A\n\n# B") == "<h6>A</h6>\n<h3>B</h3>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "![x](https://elsewhere.example/pixel.png)",
        "<a href='https://a.example' onclick='x()'>a</a>",
        '[x](https://a.example "t\\" onmouseover=\\"x()")',
    ],
)
def test_nothing_runs_and_nothing_is_fetched(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert "<a onclick" not in html
    assert ' onmouseover="' not in html


def test_another_script_is_written_in_the_words_only() -> None:
    html = to_html("**аб** [аб](https://kz.example/аб) `аб`\n\n    аб", write=str.upper)
    assert "<strong>АБ</strong>" in html
    assert ">АБ</a>" in html
    assert 'href="https://kz.example/%D0%B0%D0%B1"' in html
    assert "<code>аб</code>" in html
    assert "<pre><code>аб\n</code></pre>" in html
