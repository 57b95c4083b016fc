"""An external tool as a learner finds it: how it is opened, what it said."""

from __future__ import annotations

from chorsu.tools.queries import tool_for
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.outside import outside_result
from chorsu.training.rules.outline import PlacedUnit


def tool_context(learner: LearnerView, one: PlacedUnit) -> dict[str, object]:
    """What the template of a tool's unit takes. Two queries.

    `by_lti`: the registered tool that the unit launches; None: the unit is a plain link.
    """
    return {
        "by_lti": tool_for(one.unit["tool"]) if one.unit["tool"] else None,
        "tool_result": outside_result(learner.id, one.key),
    }
