"""Editing an institution and its names, and adding a branch: for administrators."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chorsu.institutions import actions, queries, rules
from chorsu.institutions.errors import EditConflict
from chorsu.institutions.models import Person
from chorsu.institutions.queries import InstitutionView
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.web.access import administrator, signed_in
from chorsu.web.countries import country_choices
from chorsu.web.locales import language_name, page_language

MEANWHILE = gettext_lazy(
    "Somebody else saved this meanwhile. What you typed is kept below; save again to put it in "
    "place of theirs."
)


class InstitutionForm(forms.Form):
    """An institution's facts and its names, one pair of fields a language."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=country_choices)
    website = forms.CharField(
        label=gettext_lazy("Website"),
        required=False,
        max_length=200,
        widget=forms.URLInput(),
    )
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, data: object, *, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        here = page_language().tag
        for language in LANGUAGES:
            named = language_name(language.tag, here)
            for kind, label in (("name", _("Name: %s")), ("short", _("Short name: %s"))):
                self.fields[f"{kind}-{language.tag}"] = forms.CharField(
                    label=label % named,
                    required=False,
                    strip=True,
                    widget=forms.TextInput(attrs={"lang": language.html_lang}),
                )

    def institution_fields(self) -> rules.InstitutionFields:
        """What a valid form holds."""
        given = self.cleaned_data
        return rules.InstitutionFields(
            given["country"],
            given["website"],
            {tag: given[f"name-{tag}"] for tag in TAGS},
            {tag: given[f"short-{tag}"] for tag in TAGS},
        )

    def show_as_seen(self, version: int) -> None:
        """Let the next try start from the stored version, with what was typed kept."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["version"] = str(version)  # type: ignore[index]


class BranchForm(InstitutionForm):
    """A new branch: its id, and all the rest."""

    id = forms.CharField(
        label=gettext_lazy("Id"),
        help_text=gettext_lazy("Lower-case Latin letters, digits and hyphens. Chosen for ever."),
        max_length=40,
    )
    field_order = ["id"]


def _initial(view: InstitutionView) -> dict[str, object]:
    names = {f"name-{tag}": view.names.get(tag, "") for tag in TAGS}
    shorts = {f"short-{tag}": view.shorts.get(tag, "") for tag in TAGS}
    facts = {"country": view.country, "website": view.website, "version": view.version}
    return {**facts, **names, **shorts}


@login_required
def edit(request: HttpRequest, institution_id: str) -> HttpResponse:
    """Edit an institution's entry at this node."""
    person = signed_in(request)
    stored = queries.stored_institution(institution_id)
    if stored is None:
        raise Http404
    if not queries.may_edit_institution(person, institution_id):
        raise PermissionDenied
    form = InstitutionForm(request.POST or None, initial=_initial(stored))
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            _save(form, institution_id, person)
        except EditConflict as conflict:
            form.show_as_seen(conflict.current_version)
            form.add_error(None, MEANWHILE)
            theirs = _differences(form, stored)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("institution", institution_id)
    context = {
        "form": form,
        "theirs": theirs,
        "place": stored,
        "place_name": stored.name(page_language().tag),
        "own": stored.id in {view.id for view in queries.own_institutions()},
    }
    return render(request, "institutions/edit.html", context, status=_status(form, theirs))


def _save(form: InstitutionForm, institution_id: str, person: Person) -> None:
    actions.edit_institution(
        institution_id=institution_id,
        fields=form.institution_fields(),
        version=form.cleaned_data["version"] or 0,
        by=person,
        now=utc_now(),
    )


def _status(form: InstitutionForm, theirs: list[tuple[str, str]]) -> int:
    if theirs:
        return 409
    return 400 if form.errors else 200


def _differences(form: InstitutionForm, stored: InstitutionView) -> list[tuple[str, str]]:
    """Label and stored value of each field in which the stored entry differs from the form."""
    saved = _initial(stored)
    return [
        (str(field.label), str(saved[name]) or "—")
        for name, field in form.fields.items()
        if name != "version" and str(saved[name]) != str(form.cleaned_data.get(name, ""))
    ]


@login_required
def add_branch(request: HttpRequest, institution_id: str) -> HttpResponse:
    """Add a branch under one of the node's own institutions."""
    person = administrator(request, institution_id)
    parent = queries.institution(institution_id)
    form = BranchForm(request.POST or None, initial={"country": parent.country})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_branch(
                parent_id=institution_id,
                institution_id=form.cleaned_data["id"],
                fields=form.institution_fields(),
                by=person,
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The branch is added."))
            return redirect("institution", form.cleaned_data["id"])
    context = {"form": form, "place": parent, "place_name": parent.name(page_language().tag)}
    status = 400 if form.errors else 200
    return render(request, "institutions/edit_branch.html", context, status=status)
