"""What the units of a draft are called while some have no title yet."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.training.rules.fields import units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.labels import label


def unit_titles(draft: CourseDraftView) -> Mapping[str, str]:
    """Unit's key -> its title, or its kind while it has none."""
    return {
        unit["key"]: draft.words.get(f"units.{unit['key']}.title", "")
        or label(UNIT_KINDS, unit["kind"])
        for unit in units_of(draft.facts)
    }
