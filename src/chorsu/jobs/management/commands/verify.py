"""`chorsu verify FILE` at a node: with the keys the node knows (`chorsu.verifier` has the rest)."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError

from chorsu.exchange.keys import own_keys
from chorsu.exchange.proofs import known_keys
from chorsu.verifier.command import run
from chorsu.wire.succession import KnownKey, old_keys


class Command(BaseCommand):
    help = "Says who published a saved record, when, and that it is unchanged."

    def run_from_argv(self, argv: list[str]) -> None:
        # The arguments and exit codes are those of the stand-alone command.
        sys.exit(run(argv[2:], _keys_of_the_node()))

    def handle(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError("call chorsu.verifier.command.run")


def _keys_of_the_node() -> list[KnownKey]:
    try:
        return known_keys()
    except OperationalError:
        print("The node's database can't be reached; only its own key is known.", file=sys.stderr)
        own = own_keys()
        return [own.key.verify_key, *old_keys(own.chain)]
