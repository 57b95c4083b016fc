from __future__ import annotations

import pytest

from chorsu.kernel.languages import (
    LANGUAGES,
    TAGS,
    UnknownLanguage,
    by_django_code,
    by_tag,
)


def test_the_eight_languages_stand_in_the_order_used_everywhere() -> None:
    assert TAGS == ("zh-Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en")
    endonyms = "中文 Қазақша Кыргызча Oʻzbekcha Тоҷикӣ Türkmençe Русский English"
    assert [language.endonym for language in LANGUAGES] == endonyms.split()


def test_chinese_has_its_own_spelling_at_each_border() -> None:
    chinese = by_tag("zh-Hans")
    assert (chinese.django_code, chinese.gettext_folder) == ("zh-hans", "zh_Hans")
    assert chinese == by_django_code("zh-hans")


@pytest.mark.parametrize("language", LANGUAGES, ids=TAGS)
def test_every_language_is_found_by_both_codes(language: object) -> None:
    assert language in {by_tag(tag) for tag in TAGS}
    assert language in {by_django_code(tag.lower()) for tag in TAGS}


@pytest.mark.parametrize("tag", ["", "zh-hans", "zh", "RU", "uz-Cyrl", "tr", "ru "])
def test_no_other_tag_is_a_working_language(tag: str) -> None:
    with pytest.raises(UnknownLanguage):
        by_tag(tag)


def test_a_tag_is_not_a_django_code() -> None:
    with pytest.raises(UnknownLanguage):
        by_django_code("zh-Hans")
