"""Languages as the world declares them, and addresses that may be shown."""

from __future__ import annotations

import pytest

from chorsu.harvested.rules import language_of, web_address


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("ru", "ru"), ("rus", "ru"), ("RU-ru", "ru"), ("en_US", "en"), ("eng", "en"),
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("chi", "zh-Hans"), ("zho", "zh-Hans"),
        ("zh-Hant", ""), ("zh-TW", ""), ("uz-Latn", "uz"), ("tuk", "tk"), ("kir", "ky"),
        ("de", ""), ("", ""), ("Russian", ""), ("ru; DROP", ""),
    ],
)  # fmt: skip
def test_language_of_a_declared_tag(declared: str, tag: str) -> None:
    assert language_of(declared) == tag


@pytest.mark.parametrize(
    ("values", "link"),
    [
        (["10.1/x", "https://a.example/1", "https://b.example/2"], "https://a.example/1"),
        (["javascript:alert(1)"], ""),
        (["data:text/html,x"], ""),
        (["https://user:secret@a.example/"], ""),
        (["https://a.example/ x"], ""),
        (["http://[broken"], ""),
        ([], ""),
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(values: list[str], link: str) -> None:
    assert web_address(values) == link
