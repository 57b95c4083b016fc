"""How allauth behaves here: nobody signs up without an invitation."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's adapter for a node of invited people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody: people join by invitation (`web/people.py`)."""
        return False
