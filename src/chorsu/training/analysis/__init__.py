"""How questions behaved: facility, discrimination, distractors, differences between languages.

Pure functions over a table of responses; the formulas and their sources stand with each.
"""

from chorsu.training.analysis.differences import (
    ETS_CLASSES,
    MIN_GROUP,
    Difference,
    MantelHaenszel,
    Stratum,
    differences,
    ets_class,
    mantel_haenszel,
)
from chorsu.training.analysis.measures import (
    MIN_LEARNERS,
    Distractor,
    ItemMeasures,
    TableRow,
    alpha,
    distractors,
    facility,
    item_rest_correlation,
    measures,
    rest_scores,
)

__all__ = [
    "ETS_CLASSES",
    "MIN_GROUP",
    "MIN_LEARNERS",
    "Difference",
    "Distractor",
    "ItemMeasures",
    "MantelHaenszel",
    "Stratum",
    "TableRow",
    "alpha",
    "differences",
    "distractors",
    "ets_class",
    "facility",
    "item_rest_correlation",
    "mantel_haenszel",
    "measures",
    "rest_scores",
]
