"""What the codes of a practice are called on pages, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.records.models import Audience, Provenance

Labels = Mapping[str, str | Promise]

FIELDS: Labels = {
    "title": _("Title"),
    "summary": _("Summary"),
    "place": _("Place"),
    "term": pgettext_lazy("glossary", "Term"),
    "problem": _("The problem and whom it touched"),
    "action": _("What was done"),
    "steps": _("How: the steps"),
    "partners": _("Partners"),
    "results": _("Results"),
    "failures": _("What went wrong and what was changed"),
    "requirements": _("What it takes to repeat it"),
    "lessons": _("Lessons"),
    "themes": _("Themes"),
    "sdg_goals": _("Sustainable Development Goals"),
    "sdg_targets": _("Targets of the goals"),
    "level": _("Level of government"),
    "country": _("Country"),
    "year_from": _("First year"),
    "year_to": _("Last year"),
    "status": _("Status"),
    "cost": _("Cost (US dollars)"),
    "duration": _("Time it took"),
    "indicators": _("Indicators"),
    "contacts": _("Contacts"),
    "sources": _("Sources"),
    "files": _("Files"),
    "aims": _("What you will be able to do"),
    "for_whom": _("Who it is for"),
    "prerequisites": _("What you should know before"),
    "assessment": _("How you are assessed"),
    "recognition": _("Recognition"),
    "modules": _("Modules"),
    "units": _("Units"),
    "terms": _("Glossary"),
    "rubrics": _("Marking"),
    "questions": _("Survey"),
    "audience": _("Audience"),
    "licence": _("Licence"),
    "institution": _("Institution"),
    "language": _("Language"),
    "year": _("Year"),
    "goal": _("Sustainable Development Goal"),
    "theme": _("Theme"),
    "kind": _("Kind"),
}
RECORD_KINDS: Labels = {
    "practice": _("Practices"),
    "course": _("Courses"),
    "harvested": _("Foreign repositories"),
}
KEPT_LABELS: Labels = {
    "refused": _("Nominations that came to nothing"),
    "messages": _("Messages"),
    "attendance": _("Attendance"),
    "learning": _("Notes, answers, attempts, work, documents of nominations"),
    "results": _("Results and hours"),
}
LEVELS: Labels = {
    "national": _("National"),
    "regional": _("Regional"),
    "district": _("District"),
    "municipal": _("Municipal"),
    "village": _("Village"),
}
STATUSES: Labels = {
    "idea": _("Idea"),
    "pilot": _("Pilot"),
    "running": _("Running"),
    "scaled": _("Scaled up"),
    "ended": _("Ended"),
}
AUDIENCES: Labels = dict(Audience.choices)
PROVENANCES: Labels = dict(Provenance.choices)
COSTS: Labels = {
    "none": pgettext_lazy("cost", "No cost of its own"),
    "under_10k": _("Under 10 thousand"),
    "10k_100k": _("10 to 100 thousand"),
    "100k_1m": _("100 thousand to 1 million"),
    "1m_10m": _("1 to 10 million"),
    "over_10m": _("Over 10 million"),
    "unknown": pgettext_lazy("cost", "Not known"),
}
DURATIONS: Labels = {
    "under_3m": _("Under 3 months"),
    "3m_12m": _("3 to 12 months"),
    "1y_3y": _("1 to 3 years"),
    "over_3y": _("Over 3 years"),
    "unknown": pgettext_lazy("duration", "Not known"),
}
LICENCES: Mapping[str, str] = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-NC-SA-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}

LICENCE_NAMES: Labels = {
    "CC-BY-4.0": _("CC BY 4.0: use freely, name the source"),
    "CC-BY-SA-4.0": _("CC BY-SA 4.0: name the source, share under the same licence"),
    "CC-BY-NC-4.0": _("CC BY-NC 4.0: name the source, not for profit"),
    "CC-BY-NC-SA-4.0": _("CC BY-NC-SA 4.0: not for profit, same licence"),
    "CC0-1.0": _("CC0 1.0: use freely"),
}


def label(labels: Labels, code: str) -> str:
    """The label of a code, in the page's language; an unknown code as it stands."""
    return str(labels.get(code, code))
