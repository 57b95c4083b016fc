"""What the fields of a practice are called and what a writer is told about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from chorsu.web.drafting.controls import Label, Text
from chorsu.web.labels import FIELDS


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the write page: `fields` of the form in order; `id` is its anchor."""

    id: str
    title: Text
    lead: Text
    fields: tuple[str, ...] = ()


SECTIONS: tuple[Section, ...] = (
    Section(
        "what",
        _("What and where"),
        _("A reader decides by these few lines whether to go on."),
        ("title", "summary", "country", "place", "level", "status", "year_from", "year_to"),
    ),
    Section("problem-part", _("The problem"), "", ("problem",)),
    Section(
        "action-part",
        _("What was done and how"),
        "",
        ("action", "steps", "partners", "cost", "duration"),
    ),
    Section("results-part", _("Results"), "", ("results", "indicators")),
    Section(
        "failures-part",
        _("What went wrong"),
        _("For colleagues elsewhere this is often the most useful part."),
        ("failures",),
    ),
    Section("repeat-part", _("To repeat it elsewhere"), "", ("requirements", "lessons")),
    Section(
        "sources-part", _("Sources"), _("Where a reader can check what is said here."), ("sources",)
    ),
    Section(
        "contacts-part",
        _("Contacts"),
        _("Offices only. Do not name persons: what is published goes to every node."),
        ("contacts",),
    ),
    Section(
        "themes-part",
        _("Themes and goals"),
        _("By these, others find the practice."),
        ("themes", "sdg_goals"),
    ),
    Section(
        "files-part",
        _("Files"),
        _("Documents, tables and pictures that readers may open."),
        ("files",),
    ),
    Section("publishing-part", _("Publishing"), "", ("audience", "licence", "note")),
)

LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "title": Label(
            FIELDS["title"],
            _("Say what was done, in plain words. At most 200 characters."),
        ),
        "summary": Label(
            FIELDS["summary"],
            _("What was done, for whom and what came of it, in two or three sentences."),
        ),
        "place": Label(
            FIELDS["place"], _("City, region or village, as it is called in your language.")
        ),
        "problem": Label(
            FIELDS["problem"],
            _("What was not working, since when, and for how many people? How did you know?"),
        ),
        "action": Label(
            FIELDS["action"],
            _("What changed for people and for the offices concerned, and what is new about it?"),
        ),
        "steps": Label(
            FIELDS["steps"],
            _("In order and with dates: who decided, what was tried first, what followed."),
        ),
        "partners": Label(
            FIELDS["partners"],
            _("Which offices, companies or groups of citizens took part, and with what?"),
        ),
        "results": Label(
            FIELDS["results"],
            _("What is different now, and how it was measured. Put figures in the table below."),
        ),
        "failures": Label(
            FIELDS["failures"],
            _("What did not work, why, and what did you change? What would you do otherwise?"),
        ),
        "requirements": Label(
            FIELDS["requirements"],
            _("Laws, people, money, technology and agreements that must be there first."),
        ),
        "lessons": Label(
            FIELDS["lessons"],
            _("What would you tell a colleague in another country who wants to begin?"),
        ),
        "country": Label(FIELDS["country"]),
        "level": Label(FIELDS["level"]),
        "status": Label(FIELDS["status"]),
        "year_from": Label(FIELDS["year_from"], _("For example 2019.")),
        "year_to": Label(FIELDS["year_to"], _("Leave empty if it is still going on.")),
        "cost": Label(FIELDS["cost"], _("From the first step until now.")),
        "duration": Label(FIELDS["duration"], _("From the decision until it worked.")),
        "themes": Label(FIELDS["themes"], _("Choose one to three.")),
        "sdg_goals": Label(FIELDS["sdg_goals"]),
        "sdg_targets": Label(FIELDS["sdg_targets"]),
        "audience": Label(
            FIELDS["audience"],
            _("Practices for the network are shown to signed-in members and confirmed nodes only."),
        ),
        "licence": Label(FIELDS["licence"], _("What others may do with the text and the files.")),
        "note": Label(
            _("What changed in this revision"),
            _("One line for the history, seen by all readers."),
        ),
        "revision": Label(_("Revision"), ""),
        "indicators": Label(
            FIELDS["indicators"],
            _("One row a figure: before and now. A date may be 2024, 2024-06 or 2024-06-30."),
        ),
        "indicators.name": Label(_("Indicator")),
        "indicators.unit": Label(_("Unit")),
        "indicators.baseline": Label(_("Before")),
        "indicators.value": Label(_("Now")),
        "indicators.date": Label(_("Date")),
        "contacts": Label(FIELDS["contacts"]),
        "files": Label(FIELDS["files"]),
        "contacts.office": Label(_("Office")),
        "contacts.email": Label(_("E-mail")),
        "contacts.phone": Label(_("Telephone")),
        "contacts.url": Label(_("Web address")),
        "sources": Label(FIELDS["sources"], _("A date may be 2024, 2024-06 or 2024-06-30.")),
        "sources.title": Label(_("Title of the source")),
        "sources.url": Label(_("Web address")),
        "sources.date": Label(_("Date")),
        "sources.language": Label(_("Language")),
        "files.description": Label(_("Description")),
    }
)

STATES: Mapping[str, Text] = MappingProxyType(
    {
        "writing": _("Draft"),
        "submitted": _("Submitted"),
        "returned": _("Returned with comments"),
    }
)


def name_of(path: str) -> Text:
    """What the field of a path such as `title`, `indicators.0.value` or `files.<hash>.description`
    is called; the path itself for one that pages do not know.
    """
    parts = path.split(".")
    label = LABELS.get(path) or LABELS.get(f"{parts[0]}.{parts[-1]}") or LABELS.get(parts[0])
    return label.name if label else path
