"""The controls of the course editor's pages."""

from __future__ import annotations

from django import forms

from chorsu.records.fields import TextField
from chorsu.training.rules.fields import ROW_WORDS, WORDS
from chorsu.web.course_editor.labels import LABELS
from chorsu.web.drafting.controls import Choices, Grouped, Ticked, Typed, typed, writing

_TALL, _LOW = 8, 4
_NUMBER = {"inputmode": "numeric", "size": 5, "autocomplete": "off"}


def words_control(path: str, language: str, *, tall: int = 0) -> Typed:
    """The control of a field of words such as `aims` or `units.<key>.body`."""
    parts = path.split(".")
    field = ROW_WORDS[parts[0]][parts[-1]] if len(parts) > 1 else WORDS.by_name[path]
    label = LABELS[f"{parts[0]}.{parts[-1]}" if len(parts) > 1 else path]
    return typed(label, _widget(field, language, tall), required=field.required)


def _widget(field: TextField, language: str, tall: int) -> forms.Widget:
    attrs: dict[str, object] = {**writing(language), "data-limit": field.max_chars}
    if not field.lines and field.name != "title":
        return forms.TextInput(attrs=attrs)
    # A title is one line, but a phone's line is short.
    rows = tall or (1 if not field.lines else _TALL if field.markdown else _LOW)
    return forms.Textarea(attrs={**attrs, "rows": rows})


def number_control(name: str) -> Typed:
    """A whole number."""
    return typed(LABELS[name], forms.TextInput(attrs=dict(_NUMBER)), required=True)


def line_control(name: str, **attrs: object) -> Typed:
    """A line that is in no language: an address."""
    widget = forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", **attrs})
    return typed(LABELS[name], widget, required=True)


def choice_control(name: str, choices: Choices | Grouped, *, required: bool = True) -> Typed:
    """A list to choose one from."""
    return typed(LABELS[name], forms.Select(choices=choices), required=required)


def radio_control(name: str, choices: Choices) -> Typed:
    """A few choices, all seen at once."""
    return typed(LABELS[name], forms.RadioSelect(choices=choices), required=True)


def ticks_control(name: str, choices: Choices, *, required: bool = False) -> Ticked:
    """Several to tick."""
    label = LABELS[name]
    return Ticked(
        label=str(label.name),
        help_text=str(label.hint),
        required=required,
        widget=forms.CheckboxSelectMultiple(choices=choices),
    )


def tick_control(name: str) -> Typed:
    """One thing that is so or not."""
    return typed(LABELS[name], forms.CheckboxInput(), required=True)
