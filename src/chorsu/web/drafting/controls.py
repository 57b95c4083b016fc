"""Controls that keep what was typed: the rules of a record judge it, not the control."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chorsu.kernel.languages import TAGS, by_tag

Text = str | Promise
Choices = Sequence[tuple[str, str]]
Grouped = Sequence[tuple[str, str | Choices]]
"""Choices of which some stand under a heading."""


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a field and a hint on what belongs in it."""

    name: Text
    hint: Text = ""


class Typed(forms.Field):
    """A text exactly as typed. `required` only says so on the page."""

    def clean(self, value: object) -> str:
        """The text, unjudged."""
        return "" if value is None else str(value)


class Ticked(forms.Field):
    """The codes that were ticked, unjudged."""

    def clean(self, value: object) -> list[str]:
        """The codes, in the order of the page."""
        return [str(one) for one in value] if isinstance(value, Iterable) else []


class ManyFiles(forms.FileInput):
    """Where several files are chosen at once."""

    allow_multiple_selected = True


def typed(label: Label, widget: forms.Widget, *, required: bool) -> Typed:
    """A control with its label and hint."""
    return Typed(label=str(label.name), help_text=str(label.hint), widget=widget, required=required)


def writing(language: str) -> dict[str, object]:
    """Attributes of a control in which a text of this language is typed."""
    return {"lang": by_tag(language).html_lang, "dir": "auto"}


def language_choices() -> Choices:
    """The eight languages to choose one from."""
    return [("", _("Choose")), *((tag, by_tag(tag).endonym) for tag in TAGS)]
