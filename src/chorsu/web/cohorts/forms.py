"""Forms of cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.institutions.queries import InstitutionView, institutions
from chorsu.institutions.rules import EMAIL_MAX, PERSON_NAME_MAX
from chorsu.kernel.languages import LANGUAGES
from chorsu.training.actions.employers import AchievementFields, RecognitionFields
from chorsu.training.actions.enrolling import Nomination
from chorsu.training.queries.cohorts import FORM_LABELS, CohortView, CourseLine, SessionView
from chorsu.training.rules.cohort_fields import (
    DOCUMENT_MAX,
    NAME_MAX,
    PLACE_MAX,
    SUBJECT_MAX,
    CohortFields,
    SessionFields,
)
from chorsu.training.rules.fields import Hours
from chorsu.training.rules.framework import positions
from chorsu.training.rules.programmes import Programme
from chorsu.web.cohorts.sentences import documents_hint
from chorsu.web.drafting.controls import ManyFiles
from chorsu.web.locales import page_language

ENDONYMS = [(language.tag, language.endonym) for language in LANGUAGES]
Choices = list[tuple[str, str]]


def day_field(label: object, *, required: bool = True) -> forms.DateField:
    """A day, by the browser's own control."""
    return forms.DateField(
        label=label,  # type: ignore[arg-type]
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def moment_field(label: object) -> forms.DateTimeField:
    """A day and time in the node's time zone."""
    return forms.DateTimeField(
        label=label,  # type: ignore[arg-type]
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class CohortForm(forms.Form):
    """What may be said of a cohort; `course` and `institution` only when it begins."""

    course = forms.ChoiceField(label=_("Course"))
    institution = forms.ChoiceField(label=_("Institution"))
    name = forms.CharField(label=_("Name of the cohort"), max_length=NAME_MAX)
    programme = forms.ChoiceField(label=_("Kind of training"))
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))
    languages = forms.MultipleChoiceField(
        label=_("Languages it is taught in"),
        choices=ENDONYMS,
        widget=forms.CheckboxSelectMultiple(),
    )
    capacity = forms.IntegerField(
        label=_("Places"), help_text=_("0: as many as come."), min_value=0, initial=25
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=PLACE_MAX)
    link = forms.CharField(label=_("Address of the online room"), required=False, max_length=200)

    def __init__(
        self,
        data: object = None,
        *,
        programmes: Sequence[Programme],
        courses: Sequence[CourseLine] = (),
        places: Sequence[InstitutionView] = (),
        stored: CohortView | None = None,
        course: str = "",
    ) -> None:
        here = page_language().tag
        initial = _cohort_initial(stored) if stored else {"course": course, "languages": [here]}
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        self._choose("programme", [(one.code, one.name(here)) for one in programmes])
        if stored:
            del self.fields["course"], self.fields["institution"]
        else:
            self._choose("course", [(str(one.id), one.title) for one in courses])
            self._choose("institution", [(one.id, one.name(here)) for one in places])
            if len(places) == 1:
                self.fields["institution"].widget = forms.HiddenInput()
                self.initial["institution"] = places[0].id

    def _choose(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def cohort_fields(self) -> CohortFields:
        """What a valid form says."""
        said = self.cleaned_data
        return CohortFields(
            name=said["name"],
            programme=said["programme"],
            languages=tuple(said["languages"]),
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            capacity=said["capacity"],
            place=said["place"],
            link=said["link"],
        )


def _cohort_initial(stored: CohortView) -> dict[str, object]:
    line = stored.line
    return {
        "name": line.name,
        "programme": line.programme,
        "starts_on": line.starts_on,
        "ends_on": line.ends_on,
        "languages": list(line.languages),
        "capacity": line.capacity,
        "place": line.place,
        "link": stored.link,
    }


class SessionForm(forms.Form):
    """A session; times are those of the node's time zone."""

    title = forms.CharField(label=_("Title"), max_length=NAME_MAX)
    starts_at = moment_field(_("Begins"))
    ends_at = moment_field(_("Ends"))
    form = forms.ChoiceField(label=_("Form of teaching"), choices=[])
    place = forms.CharField(label=_("Place"), required=False, max_length=PLACE_MAX)
    link = forms.CharField(label=_("Address of the online room"), required=False, max_length=200)
    group = forms.ChoiceField(label=_("For whom"), required=False)
    unit = forms.ChoiceField(
        label=_("Unit of the course"),
        help_text=_("On the page of this unit learners see when and where it is."),
        required=False,
    )

    def __init__(
        self,
        data: object = None,
        *,
        groups: Sequence[str],
        units: Sequence[tuple[str, str]] = (),
        kept_unit: str = "",
        stored: SessionView | None = None,
        initial: dict[str, object] | None = None,
    ) -> None:
        """`kept_unit`: of which unit it stays where there are none to choose from."""
        if stored:
            initial = {
                "title": stored.title,
                "starts_at": timezone.localtime(stored.starts_at),
                "ends_at": timezone.localtime(stored.ends_at),
                "form": stored.form,
                "place": stored.place,
                "link": stored.link,
                "group": stored.group,
                "unit": stored.unit,
            }
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        teaching = [(code, str(name)) for code, name in FORM_LABELS.items()]
        self.fields["form"].choices = teaching  # type: ignore[attr-defined]
        everybody = [("", _("The whole cohort"))]
        self.fields["group"].choices = [*everybody, *((one, one) for one in groups)]  # type: ignore[attr-defined]
        self._unit = kept_unit
        if units:
            self.fields["unit"].choices = [("", "—"), *units]  # type: ignore[attr-defined]
        else:
            del self.fields["unit"]

    def session_fields(self) -> SessionFields:
        """What a valid form says; times in the node's time zone."""
        said = self.cleaned_data
        return SessionFields(
            title=said["title"],
            starts_at=timezone.localtime(said["starts_at"]),
            ends_at=timezone.localtime(said["ends_at"]),
            form=said["form"],
            place=said["place"],
            link=said["link"],
            group=said["group"],
            unit=said.get("unit", self._unit),
        )


class NominationForm(forms.Form):
    """Who is nominated, by which body and order."""

    email = forms.EmailField(label=_("E-mail address"), max_length=EMAIL_MAX)
    name = forms.CharField(
        label=_("Full name"),
        help_text=_("Needed for somebody who has no account here yet."),
        max_length=PERSON_NAME_MAX,
        required=False,
    )
    employer = forms.ChoiceField(label=_("Employing body"))
    document = forms.CharField(label=_("Number of the order"), max_length=DOCUMENT_MAX)
    category = forms.ChoiceField(label=_("Category of the position"))
    appointed_on = day_field(_("Day of appointment"), required=False)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=ENDONYMS)
    documents = forms.Field(
        label=pgettext_lazy("nomination", "Documents"),
        required=False,
        widget=ManyFiles(attrs={"multiple": True}),
    )

    def __init__(
        self, data: object, uploads: object, *, employers: Sequence[tuple[int, str]]
    ) -> None:
        here = page_language().tag
        super().__init__(data, uploads, initial={"language": here})  # type: ignore[arg-type]
        self.fields["documents"].help_text = documents_hint()
        self.fields["employer"].choices = [(str(key), name) for key, name in employers]  # type: ignore[attr-defined]
        named = [(one.code, one.name(here)) for one in positions().values()]
        self.fields["category"].choices = named  # type: ignore[attr-defined]

    def nomination(self) -> Nomination:
        """What a valid form says."""
        said = self.cleaned_data
        return Nomination(
            email=said["email"],
            name=said["name"],
            language=said["language"],
            employer_id=int(said["employer"]),
            document=said["document"],
            category=said["category"],
            appointed_on=said["appointed_on"],
        )


class ReasonForm(forms.Form):
    """Why a nomination is turned down, or somebody leaves."""

    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class MessageForm(forms.Form):
    """A message to a cohort or a group of it."""

    group = forms.ChoiceField(label=_("To whom"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_MAX)
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 8}))
    language = forms.ChoiceField(label=_("Language you write in"), choices=ENDONYMS)

    def __init__(self, data: object, *, groups: Sequence[str]) -> None:
        super().__init__(data, initial={"language": page_language().tag})  # type: ignore[arg-type]
        everybody = [("", _("The whole cohort"))]
        self.fields["group"].choices = [*everybody, *((one, one) for one in groups)]  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A spreadsheet."""

    file = forms.FileField(
        label=_("Spreadsheet"), help_text=_("XLSX, or CSV in UTF-8. At most 1,000 rows.")
    )


class CodeForm(forms.Form):
    """The code on the screen."""

    code = forms.CharField(
        label=_("Code on the screen"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "pattern": "[0-9０-９ ]*",
            }
        ),
    )


class FinishForm(forms.Form):
    """The number that the registry gave the final protocol."""

    protocol_number = forms.CharField(label=_("Number of the protocol"), max_length=DOCUMENT_MAX)


class EmployerForm(forms.Form):
    """An employing body."""

    name = forms.CharField(label=_("Name of the body"), max_length=NAME_MAX)


class OfficerForm(forms.Form):
    """Who nominates for a body."""

    email = forms.EmailField(label=_("E-mail address"), max_length=EMAIL_MAX)


def _issuers() -> Choices:
    return [(one.id, one.name(page_language().tag)) for one in institutions()]


class RecognitionForm(forms.Form):
    """A recognition rule."""

    issuer = forms.ChoiceField(label=_("Taught by"))
    course = forms.ChoiceField(label=_("Course"), required=False)
    title = forms.CharField(
        label=_("Or training of this name"),
        help_text=_("Both empty: any training of that institution."),
        max_length=NAME_MAX,
        required=False,
    )
    form = forms.ChoiceField(label=_("Counts as"), required=False)
    percent = forms.IntegerField(
        label=_("Percent of the hours"), min_value=1, max_value=100, initial=100
    )
    most_hours = forms.IntegerField(
        label=_("At most so many hours"), help_text=_("0: no limit."), min_value=0, initial=0
    )
    since = day_field(_("For documents from"))
    until = day_field(_("Up to"), required=False)
    basis = forms.CharField(label=_("Number of the order or agreement"), max_length=DOCUMENT_MAX)

    def __init__(self, data: object, *, courses: Sequence[CourseLine]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["issuer"].choices = _issuers()  # type: ignore[attr-defined]
        self.fields["course"].choices = _course_choices(courses)  # type: ignore[attr-defined]
        kept = [("", _("Each hour keeps its form"))]
        teaching = [(code, str(name)) for code, name in FORM_LABELS.items()]
        self.fields["form"].choices = [*kept, *teaching]  # type: ignore[attr-defined]

    def recognition_fields(self) -> RecognitionFields:
        """What a valid form says."""
        said = self.cleaned_data
        return RecognitionFields(
            issuer=said["issuer"],
            course=UUID(said["course"]) if said["course"] else None,
            title=said["title"],
            form=said["form"],
            percent=said["percent"],
            most_hours=said["most_hours"],
            since=said["since"],
            until=said["until"],
            basis=said["basis"],
        )


class AchievementForm(forms.Form):
    """Training elsewhere, as its document says."""

    issuer = forms.ChoiceField(label=_("Taught by"))
    course = forms.ChoiceField(label=_("Course"), required=False)
    title = forms.CharField(label=_("Title in the document"), max_length=NAME_MAX)
    document = forms.CharField(label=_("Number of the document"), max_length=DOCUMENT_MAX)
    issued_on = day_field(_("Date of the document"))
    in_person = forms.IntegerField(label=_("Hours in person"), min_value=0, initial=0)
    live = forms.IntegerField(label=_("Hours live online"), min_value=0, initial=0)
    self_study = forms.IntegerField(label=_("Hours of self-study"), min_value=0, initial=0)

    def __init__(self, data: object, *, courses: Sequence[CourseLine]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["issuer"].choices = _issuers()  # type: ignore[attr-defined]
        self.fields["course"].choices = _course_choices(courses)  # type: ignore[attr-defined]

    def achievement_fields(self) -> AchievementFields:
        """What a valid form says."""
        said = self.cleaned_data
        return AchievementFields(
            issuer=said["issuer"],
            course=UUID(said["course"]) if said["course"] else None,
            title=said["title"],
            document=said["document"],
            issued_on=said["issued_on"],
            hours=Hours(
                in_person=said["in_person"], live=said["live"], self_study=said["self_study"]
            ),
        )


def _course_choices(courses: Sequence[CourseLine]) -> list[tuple[str, object]]:
    named = [(str(one.id), one.title) for one in courses]
    return [("", _("None of these")), *named]
