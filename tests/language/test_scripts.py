"""The other script of Uzbek and Kazakh."""

from __future__ import annotations

import pytest

from chorsu.language.scripts import NoSuchScript, derived

# Article 1 of the Universal Declaration of Human Rights in both Kazakh alphabets.
ARTICLE = (
    "Барлық адамдар тумысынан азат және қадір-қасиеті мен құқықтары тең болып дүниеге келеді.",
    "Barlyq adamdar tumysynan azat jäne qadır-qasietı men qūqyqtary teñ bolyp düniege keledı.",
)


def test_kazakh_is_written_in_the_alphabet_of_2021() -> None:
    assert derived(ARTICLE[0], "kk", "Latn") == ARTICLE[1]


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("АӘБГҒДЕЖЗКҚЛМНҢОӨПРСТУҰҮФҺШЫІ", "AÄBGĞDEJZKQLMNÑOÖPRSTUŪÜFHŞYI"),
        ("Имам мен Иман", "İmam men İman"),
        ("Азия, ӘКІМШІЛІК", "Azia, ÄKIMŞILIK"),
        ("Юпитер және ЮНЕСКО", "İupiter jäne İUNESKO"),
        ("цифрлық, Цифрлық, ЦИФРЛЫҚ", "tsifrlyq, Tsifrlyq, TSİFRLYQ"),
        ("субъект, июль", "subekt, iiul"),
        ("2026 жылы e-Gov порталы 你好", "2026 jyly e-Gov portaly 你好"),
    ],
)
def test_kazakh_letters(cyrillic: str, latin: str) -> None:
    assert derived(cyrillic, "kk", "Latn") == latin


def test_kazakh_letters_typed_in_two_parts_are_the_same_letters() -> None:
    assert derived("и\u0306", "kk", "Latn") == "i"


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Oʻzbekiston shaharlari", "Ўзбекистон шаҳарлари"),
        ("ISHLAB CHIQARISH", "ИШЛАБ ЧИҚАРИШ"),
        ("maʼlumot, yetakchi, gʻalla", "маълумот, етакчи, ғалла"),
        ("Gap ma'lumotda, o'zgarishda", "Гап маълумотда, ўзгаришда"),
    ],
)
def test_uzbek_is_written_in_cyrillic(latin: str, cyrillic: str) -> None:
    assert derived(latin, "uz", "Cyrl") == cyrillic


@pytest.mark.parametrize(("tag", "script"), [("ru", "Latn"), ("uz", "Latn"), ("kk", "Arab")])
def test_no_other_script_is_derived(tag: str, script: str) -> None:
    with pytest.raises(NoSuchScript):
        derived("text", tag, script)
