"""What the codes of a course are called on pages, in the page's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.training.rules.framework import framework
from chorsu.web.labels import Labels
from chorsu.web.locales import page_language

UNIT_KINDS: Labels = {
    "reading": pgettext_lazy("unit", "Reading"),
    "video": pgettext_lazy("unit", "Video"),
    "quiz": pgettext_lazy("unit", "Quiz"),
    "assignment": pgettext_lazy("unit", "Assignment"),
    "live": pgettext_lazy("unit", "Live session"),
    "survey": pgettext_lazy("unit", "Survey"),
    "tool": pgettext_lazy("unit", "External tool"),
    "lab": pgettext_lazy("unit", "Lab"),
}
FORMS: Labels = {
    "in_person": _("In person"),
    "live": _("Online, live"),
    "self_study": _("Self-study"),
}
SECTIONS: Labels = {
    "aims": _("What you will be able to do"),
    "for_whom": _("Who it is for"),
    "prerequisites": _("What you should know before"),
    "assessment": _("How you are assessed"),
    "recognition": _("Recognition"),
}


def competence_name(code: str) -> str:
    """What a competence is called in the page's language; an unknown code as it stands."""
    known = framework().competences.get(code)
    return known.name(page_language().tag) if known else code
