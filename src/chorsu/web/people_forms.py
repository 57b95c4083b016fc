"""Forms for people and invitations."""

from __future__ import annotations

from collections.abc import Collection

from django import forms
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import rules
from chorsu.institutions.models import Person, Role
from chorsu.kernel.languages import LANGUAGES
from chorsu.training.rules.framework import positions
from chorsu.web.accounts_forms import PASSWORD_HINT
from chorsu.web.locales import page_language

ENDONYMS = [(language.tag, language.endonym) for language in LANGUAGES]


class InviteForm(forms.Form):
    """Whom to invite, to do what."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=rules.EMAIL_MAX, widget=forms.EmailInput()
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple()
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=ENDONYMS)


class RolesForm(forms.Form):
    """The roles of a person; `before` is what the page showed."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple(),
        required=False,
    )
    before = forms.CharField(required=False, widget=forms.HiddenInput())

    def clean_before(self) -> list[str]:
        """The roles that the page showed."""
        return [role for role in self.cleaned_data["before"].split(",") if role]

    def show_as_seen(self, current: Collection[str]) -> None:
        """Let the next try start from what holds now, with the choice made kept."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["before"] = ",".join(sorted(current))  # type: ignore[index]


class JoinForm(forms.Form):
    """What an invited person adds."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As people of this node see it. It never leaves the node."),
        max_length=rules.PERSON_NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HINT,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class NameForm(forms.Form):
    """One's own name and position."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=rules.PERSON_NAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    position = forms.ChoiceField(label=_("Category of my position"), required=False)

    def __init__(self, data: object, *, person: Person) -> None:
        said = {"name": person.name, "position": person.position}
        super().__init__(data, initial=said)  # type: ignore[arg-type]
        here = page_language().tag
        named = [(one.code, one.name(here)) for one in positions().values()]
        self.fields["position"].choices = [("", "—"), *named]  # type: ignore[attr-defined]
