"""People of the academy, as the tests of practices have them."""

from __future__ import annotations

from tests.practices.conftest import contributor, peer, reader, translator

__all__ = ["contributor", "peer", "reader", "translator"]
