"""What the rule of a course says of a learner, in words: what is needed and what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from chorsu.training.queries.cohorts import CohortView
from chorsu.training.queries.proposals import proposals
from chorsu.training.rules.outline import placed
from chorsu.training.rules.proposals import ATTENDANCE, PERCENT, Check
from chorsu.web.cohorts.titles import unit_titles
from chorsu.web.locales import format_number, page_language


@dataclass(frozen=True, slots=True)
class RuleView:
    """What is proposed, `passed`, `failed` or empty, and why: a sentence for each part."""

    result: str
    reasons: Sequence[str]


def rule_views(request: HttpRequest, view: CohortView) -> dict[UUID, RuleView]:
    """Enrolment -> what the course's rule says of the learner."""
    found = proposals(view.line.id, view.facts)
    if not found:
        return {}
    required = [one for one in placed(view.facts) if one.required]
    titles = unit_titles(request, view, required) if required else {}
    results = {True: "passed", False: "failed", None: ""}
    return {
        key: RuleView(results[one.passed], [_reason(check, titles) for check in one.checks])
        for key, one in found.items()
    }


def _reason(check: Check, titles: Mapping[str, tuple[str, str]]) -> str:
    here = page_language().tag
    numbers = {
        "needed": format_number(check.needed, here),
        "given": "" if check.given is None else format_number(check.given.normalize(), here),
    }
    if check.kind == PERCENT:
        if check.met is None:
            text = _("A mark is still to come; %(needed)s %% needed")
        elif check.given is None:
            text = _("No result; %(needed)s %% needed")
        else:
            text = _("Result %(given)s %%; %(needed)s %% needed")
    elif check.kind == ATTENDANCE:
        text = _("Attendance %(given)s %%; %(needed)s %% needed")
        if check.given is None:
            text = _("No attendance was noted; %(needed)s %% needed")
    elif check.met:
        return _("All required units are done")
    else:
        left = ", ".join(titles.get(key, (key, ""))[0] for key in check.missing)
        return _("Required and not done: %(units)s") % {"units": left}
    return text % numbers
