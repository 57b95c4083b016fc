"""The list of everything that is fuzzed."""

from __future__ import annotations

from tests.fuzz.edge_targets import edge_targets
from tests.fuzz.target import Target
from tests.fuzz.tree_targets import tree_targets
from tests.fuzz.wire_targets import wire_targets

TARGETS: tuple[Target, ...] = (*wire_targets(), *tree_targets(), *edge_targets())
