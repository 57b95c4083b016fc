"""The remote node of the federation tests."""

from tests.flows.conftest import beijing, now

__all__ = ["beijing", "now"]
