"""The eight working languages, in the order the network always lists them.

A language is named by its BCP 47 tag (`zh-Hans`) everywhere but at two borders: Django and URLs
use the lower-case form (`zh-hans`), gettext folders the POSIX one (`zh_Hans`).
"""

from __future__ import annotations

from dataclasses import dataclass


class UnknownLanguage(ValueError):  # noqa: N818 - says what is wrong
    """The code does not name one of the eight working languages."""


@dataclass(frozen=True, slots=True)
class Language:
    """One working language; `script` is an ISO 15924 code, `html_lang` goes into `lang=""`."""

    tag: str
    django_code: str
    gettext_folder: str
    endonym: str
    script: str
    html_lang: str


LANGUAGES: tuple[Language, ...] = (
    Language("zh-Hans", "zh-hans", "zh_Hans", "中文", "Hans", "zh-Hans"),
    Language("kk", "kk", "kk", "Қазақша", "Cyrl", "kk"),
    Language("ky", "ky", "ky", "Кыргызча", "Cyrl", "ky"),
    # Uzbek is written in two scripts: the tag alone would not tell a screen reader which.
    Language("uz", "uz", "uz", "Oʻzbekcha", "Latn", "uz-Latn"),
    Language("tg", "tg", "tg", "Тоҷикӣ", "Cyrl", "tg"),
    Language("tk", "tk", "tk", "Türkmençe", "Latn", "tk"),
    Language("ru", "ru", "ru", "Русский", "Cyrl", "ru"),
    Language("en", "en", "en", "English", "Latn", "en"),
)

TAGS: tuple[str, ...] = tuple(language.tag for language in LANGUAGES)

_BY_TAG = {language.tag: language for language in LANGUAGES}
_BY_DJANGO_CODE = {language.django_code: language for language in LANGUAGES}


def by_tag(tag: str) -> Language:
    """The language with this exact tag; raises `UnknownLanguage`."""
    try:
        return _BY_TAG[tag]
    except KeyError:
        raise UnknownLanguage(f"not a working language: {tag[:50]!r}") from None


def by_django_code(code: str) -> Language:
    """The language with this exact Django code (`zh-hans`); raises `UnknownLanguage`."""
    try:
        return _BY_DJANGO_CODE[code]
    except KeyError:
        raise UnknownLanguage(f"not a working language: {code[:50]!r}") from None
