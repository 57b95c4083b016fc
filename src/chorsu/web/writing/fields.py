"""The controls of the write page of a practice."""

from __future__ import annotations

from django import forms

from chorsu.practices.rules import TextField
from chorsu.web.drafting.controls import Choices, Typed, typed, writing
from chorsu.web.writing.labels import LABELS

# Fields of several lines: how tall they begin.
_TALL = 8
_LOW = 4


def text_field(field: TextField, language: str) -> Typed:
    """The control of a field of words, written in a language."""
    attrs: dict[str, object] = {**writing(language), "data-limit": field.max_chars}
    widget: forms.Widget
    if field.lines:
        widget = forms.Textarea(attrs={**attrs, "rows": _TALL if field.markdown else _LOW})
    else:
        # A title is one line, but a phone's line is short.
        title = forms.Textarea(attrs={**attrs, "rows": 1})
        widget = title if field.name == "title" else forms.TextInput(attrs=attrs)
    return typed(LABELS[field.name], widget, required=field.required)


def cell_field(path: str, language: str, choices: Choices | None = None) -> Typed:
    """The control of a row's cell; `path` such as `indicators.unit`.

    No cell is called optional: which ones are needed depends on the others.
    """
    column = path.split(".")[-1]
    widget: forms.Widget
    if choices is not None:
        widget = forms.Select(choices=choices)
    elif column in ("name", "unit", "office", "title", "description"):
        widget = forms.TextInput(attrs=writing(language))
    else:
        widget = forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", **_KEYBOARD[column]})
    return typed(LABELS[path], widget, required=True)


_KEYBOARD: dict[str, dict[str, object]] = {
    "baseline": {"inputmode": "decimal"},
    "value": {"inputmode": "decimal"},
    "date": {"inputmode": "numeric"},
    "email": {"inputmode": "email"},
    "phone": {"inputmode": "tel"},
    "url": {"inputmode": "url"},
}


def choice_field(name: str, choices: Choices, *, required: bool = False) -> Typed:
    """A list to choose one from."""
    return typed(LABELS[name], forms.Select(choices=choices), required=required)


def radio_field(name: str, choices: Choices) -> Typed:
    """A few choices, all seen at once."""
    return typed(LABELS[name], forms.RadioSelect(choices=choices), required=True)


def year_field(name: str) -> Typed:
    """A year."""
    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 4})
    return typed(LABELS[name], widget, required=False)
