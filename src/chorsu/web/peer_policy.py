"""What an administrator decides on a peer's files: when they come, and how fast."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chorsu.exchange.queries import FilesPolicy, PeerView
from chorsu.flows import peering
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now

MAX_KB_PER_SECOND = 10_000_000
MAX_MB = 4096


class PolicyForm(forms.Form):
    """Filled with what holds now; an empty number is no limit of its own."""

    fetch = forms.ChoiceField(
        label=gettext_lazy("When they are fetched"),
        choices=FilesPolicy.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Words always come at once, and so do small pictures. A file that has not come is "
            "fetched when somebody opens it."
        ),
    )
    ahead_max_mb = forms.IntegerField(
        label=gettext_lazy("Largest file to fetch ahead, in MB"),
        required=False,
        min_value=1,
        max_value=MAX_MB,
        help_text=gettext_lazy("Larger ones wait until somebody opens them. Empty: no limit."),
    )
    max_kb_per_second = forms.IntegerField(
        label=gettext_lazy("Most to take from it, in kilobytes a second"),
        required=False,
        min_value=0,
        max_value=MAX_KB_PER_SECOND,
    )

    def __init__(self, data: object, shown: PeerView) -> None:
        initial = {
            "fetch": shown.files,
            "ahead_max_mb": shown.ahead_max_mb,
            "max_kb_per_second": shown.max_kb_per_second,
        }
        super().__init__(data, initial=initial)  # type: ignore[arg-type]
        self._name = shown.name
        number = settings.NODE.number("exchange.max_kb_per_second")
        words = _("Empty: what holds for every peer (%(number)s). 0: as fast as the line is.")
        self.fields["max_kb_per_second"].help_text = words % {"number": number}

    def save(self, person: Person) -> None:
        """Decide so."""
        peering.set_policy(
            name=self._name,
            files=self.cleaned_data["fetch"],
            ahead_max_mb=self.cleaned_data["ahead_max_mb"],
            max_kb_per_second=self.cleaned_data["max_kb_per_second"],
            by=person,
            now=utc_now(),
        )
