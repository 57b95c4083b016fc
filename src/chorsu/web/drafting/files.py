"""The controls by which files are added to a draft, and what is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django import forms
from django.utils.translation import gettext as _

from chorsu.web.drafting.controls import Label, ManyFiles, Typed, language_choices, typed, writing


class Attached(Protocol):
    """A file of a draft."""

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""

    @property
    def name(self) -> str:
        """As readers see it."""


class WithFields(Protocol):
    """A form in a language."""

    fields: dict[str, forms.Field]
    language: str


def add_file_controls(form: WithFields, attached: Sequence[Attached], kinds: str) -> None:
    """Where files are chosen, in which language they are, and a description for each there is."""
    chosen = ManyFiles(attrs={"multiple": True})
    form.fields["file"] = typed(Label(_("Add files"), kinds), chosen, required=True)
    form.fields["file_language"] = Typed(
        label=_("Language of the file"), widget=forms.Select(choices=language_choices())
    )
    for file in attached:
        label = Label(_("Description of %(file)s") % {"file": file.name})
        widget = forms.TextInput(attrs=writing(form.language))
        form.fields[f"files-{file.sha256}-description"] = typed(label, widget, required=False)
