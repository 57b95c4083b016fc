"""`chorsu verify FILE` at a node: with the keys the node knows (`chorsu.verifier` has the rest)."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError

from chorsu.exchange.keys import signing_key
from chorsu.exchange.proofs import known_keys
from chorsu.verifier.command import run
from chorsu.wire.keys import VerifyKey


class Command(BaseCommand):
    help = "Says who published a saved record, when, and that it is unchanged."

    def run_from_argv(self, argv: list[str]) -> None:
        # The arguments and exit codes are those of the stand-alone command.
        sys.exit(run(argv[2:], _keys_of_the_node()))

    def handle(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError("call chorsu.verifier.command.run")


def _keys_of_the_node() -> list[VerifyKey]:
    try:
        return known_keys()
    except OperationalError:
        print("The node's database can't be reached; only its own key is known.", file=sys.stderr)
        return [signing_key().verify_key]
