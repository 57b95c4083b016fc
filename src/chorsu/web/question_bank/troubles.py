"""Why a file of questions, or a question of one, was not read or written: in the page's language.

What stands in the file – an element, a name, a number as it is written – stays as it is, set apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chorsu.records.fields import FieldError
from chorsu.training.formats.cartridges import Note
from chorsu.training.formats.questions import Param, Trouble
from chorsu.training.shapes.bank import OldTrouble
from chorsu.web.labels import Labels
from chorsu.web.locales import colon, format_number, format_size, page_language
from chorsu.web.question_bank.labels import GROUPS, ROW_WORDS, WORDS, error_sentence
from chorsu.web.question_bank.trouble_words import OLD_SENTENCES, SENTENCES

_FACTS: Labels = {
    "points": gettext_lazy("Points"),
    "competence": gettext_lazy("Competence"),
    "fields": gettext_lazy("Answers"),
    "pictures": gettext_lazy("Pictures"),
    "targets": ROW_WORDS["targets.text"],
    "credit": gettext_lazy("Share of the points"),
    **GROUPS,
}


def trouble_sentence(trouble: Trouble | Note | OldTrouble) -> SafeString:
    """Why something was not read, as HTML."""
    if isinstance(trouble, OldTrouble):
        english = format_html('<bdi lang="en">{}</bdi>', trouble.detail)
        return SafeString(str(OLD_SENTENCES[trouble.code]) % {"detail": english})
    if trouble.errors:
        return SafeString(_with_errors(trouble.errors, _apart))
    return in_sentence(SENTENCES[trouble.code], trouble.params)


def trouble_text(trouble: Trouble) -> str:
    """The same for a file of plain text."""
    if trouble.errors:
        return _with_errors(trouble.errors, str)
    return _filled(SENTENCES[trouble.code], trouble.params, str)


def in_sentence(sentence: str | Promise, params: Mapping[str, Param]) -> SafeString:
    """A sentence of the catalogues with its parameters, as HTML."""
    return SafeString(_filled(sentence, params, _apart))


def _apart(text: str) -> str:
    # `dir="auto"` isolates: a name in a script that runs the other way moves nothing around it.
    return format_html('<code dir="auto" translate="no">{}</code>', text)


def _filled(
    sentence: str | Promise, params: Mapping[str, Param], apart: Callable[[str], str]
) -> str:
    tag = page_language().tag
    shown: dict[str, Param] = {}
    for name, value in params.items():
        if isinstance(value, str):
            shown[name] = apart(value)
        elif name == "size":
            shown[name] = format_size(value, tag)
        elif name == "count":
            # The number itself chooses the plural.
            shown |= {"count": value, "number": format_number(value, tag)}
        else:
            shown[name] = format_number(value, tag)
    return str(sentence % shown)


def _with_errors(errors: Sequence[FieldError], apart: Callable[[str], str]) -> str:
    tag = page_language().tag
    said = [_("Something is wrong in it.")]
    for error in errors:
        params = {
            name: format_number(value, tag) if isinstance(value, int) else apart(value)
            for name, value in error.params.items()
        }
        sentence = error_sentence(error.code, params)
        said.append(f"{_label(error.field) or apart(error.field)}{colon(tag)}{sentence}")
    return ("" if tag == "zh-Hans" else " ").join(said)


def _label(field: str) -> str:
    """What a path of facts or the name of a word is called; empty for what no page names."""
    parts = field.split(".")
    if field in WORDS:
        return str(WORDS[field])
    if (word := f"{parts[0]}.{parts[-1]}") in ROW_WORDS:
        return str(ROW_WORDS[word])
    known = [_FACTS[part] for part in parts if part in _FACTS]
    return str(known[-1]) if known else ""
