"""What an author foresaw as answers to a question, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString

from chorsu.training.items import Facts
from chorsu.training.items.fields import Field
from chorsu.web.markdown import Figure, inline_html


def answers_of(
    facts: Facts, words: Mapping[str, str], figures: Mapping[str, Figure]
) -> list[tuple[SafeString, bool]]:
    """(what it says, whether it earns points) of each foreseen answer."""
    return [one for field in facts["fields"] for one in foreseen(field, words, figures)]


def foreseen(
    field: Field, words: Mapping[str, str], figures: Mapping[str, Figure]
) -> list[tuple[SafeString, bool]]:
    """As `answers_of`, of one place to answer."""
    key = field["key"]
    found: list[tuple[SafeString, bool]] = []
    for option in field["options"]:
        said = inline_html(words.get(f"options.{key}.{option['key']}.text", ""), figures)
        if option["target"]:
            target = words.get(f"targets.{key}.{option['target']}.text", "")
            said = format_html("{} → {}", said, inline_html(target, figures))
        whole = field["kind"] in ("order", "match")
        found.append((said, whole or float(option["credit"]) > 0))
    for number in field["numbers"]:
        tolerance = f" ± {number['tolerance']}" if number["tolerance"] != "0" else ""
        percent = " %" if tolerance and number["relative"] else ""
        said = format_html("{}{}{}", number["value"], tolerance, percent)
        found.append((said, float(number["credit"]) > 0))
    for text_row in field["texts"]:
        spellings = words.get(f"texts.{key}.{text_row['key']}.spellings", "").splitlines()
        said = format_html("{}", " / ".join([*text_row["anywhere"], *spellings]))
        found.append((said, float(text_row["credit"]) > 0))
    return found
