"""`chorsu keys`: the keys this node takes signatures of, for `chorsu verify --keys`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chorsu.exchange.proofs import known_keys


class Command(BaseCommand):
    help = "Prints the verifier keys of this node and its confirmed peers, one a line."

    def handle(self, *args: Any, **options: Any) -> None:
        for key in known_keys():
            self.stdout.write(key.vkey)
