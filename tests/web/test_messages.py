"""The interface in eight languages: nothing untranslated, nothing broken by translation."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tools import extract_messages

FOLDERS = extract_messages.FOLDERS
TEMPLATES = sorted((extract_messages.SOURCE / "web" / "templates").rglob("*.html"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|</?[a-z]+[^>]*>")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extract_messages.extracted()


def catalogue(root: Path, folder: str) -> Catalog:
    with (root / folder / "LC_MESSAGES" / "django.po").open("rb") as text:
        return read_po(text)


def named(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def is_empty(message: Message) -> bool:
    forms = [message.string] if isinstance(message.string, str) else list(message.string)
    return not all(forms)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_message_of_the_interface_is_translated(template: Catalog, folder: str) -> None:
    translated = catalogue(extract_messages.LOCALE, folder)
    known = {(m.context, named(m)) for m in translated if m.id and not is_empty(m) and not m.fuzzy}

    missing = [named(m) for m in template if m.id and (m.context, named(m)) not in known]

    assert missing == []


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if folder != "en"])
def test_every_message_of_the_packages_is_translated(folder: str) -> None:
    wanted = extract_messages.missing_in_packages(folder)
    translated = catalogue(extract_messages.LOCALE_PACKAGES, folder)
    known = {(m.context, named(m)) for m in translated if m.id and not is_empty(m)}

    assert [named(m) for m in wanted if m.id and (m.context, named(m)) not in known] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_translation_keeps_every_placeholder_and_tag(folder: str) -> None:
    broken = []
    for root in (extract_messages.LOCALE, extract_messages.LOCALE_PACKAGES):
        if not (root / folder).is_dir():
            continue
        for message in catalogue(root, folder):
            if not message.id or is_empty(message):
                continue
            # The form for "one" may spell the number out; the last form must keep it.
            source = message.id if isinstance(message.id, str) else message.id[-1]
            last = message.string if isinstance(message.string, str) else message.string[-1]
            if sorted(set(PLACEHOLDER.findall(source))) != sorted(set(PLACEHOLDER.findall(last))):
                broken.append((source, last))

    assert broken == []


@pytest.mark.parametrize(("folder", "forms"), [("zh_Hans", 1), ("ru", 3), ("tk", 2), ("kk", 2)])
def test_plural_message_has_as_many_forms_as_the_language(folder: str, forms: int) -> None:
    plural = [m for m in catalogue(extract_messages.LOCALE, folder) if m.id and m.pluralizable]

    assert plural
    assert {len(m.string) for m in plural} == {forms}


SCRIPTS = {
    "zh_Hans": re.compile(r"[\u4e00-\u9fff]"),
    "kk": re.compile(r"[\u0400-\u04ff]"),
    "ky": re.compile(r"[\u0400-\u04ff]"),
    "tg": re.compile(r"[\u0400-\u04ff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
}


@pytest.mark.parametrize("folder", SCRIPTS)
def test_translation_is_written_in_the_script_of_its_language(folder: str) -> None:
    """A message that came through in English would have no letter of the language's script."""
    foreign = []
    for message in catalogue(extract_messages.LOCALE, folder):
        words = PLACEHOLDER.sub("", named(message)) if message.id else ""
        text = message.string if isinstance(message.string, str) else message.string[-1]
        if re.search(r"[a-z]{4}", words) and not SCRIPTS[folder].search(text):
            foreign.append((named(message), text))

    assert [pair for pair in foreign if pair[0] not in NAMES] == []


NAMES = {"Chorsu", "Markdown", "JSON", "OpenAPI", "Atom", "GET"}
"""What is called the same in every language."""


class _Words(HTMLParser):
    """Collects what a reader would read of a template whose tags are taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        words = [word for word in data.split() if re.search(r"[A-Za-z]{2}", word)]
        if any(word not in NAMES and not word.startswith(("/", "http", "[](")) for word in words):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("title", "alt", "placeholder", "aria-label") and value:
                self.handle_data(value)


def untranslated(source: str) -> list[str]:
    source = re.sub(r"{%\s*comment\b.*?{%\s*endcomment\s*%}", "", source, flags=re.DOTALL)
    source = re.sub(r"{#.*?#}", "", source)
    source = re.sub(r"{%\s*blocktrans.*?{%\s*endblocktrans\w*\s*%}", "", source, flags=re.DOTALL)
    source = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.DOTALL)
    parser = _Words()
    parser.feed(source)
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_template_has_no_words_outside_the_catalogues(path: Path) -> None:
    assert untranslated(path.read_text(encoding="utf-8")) == []


def test_words_outside_the_catalogues_would_be_seen() -> None:
    page = '<p>{% translate "In" %} left over</p><img alt="Also this">'

    assert untranslated(page) == ["left over", "Also this"]
