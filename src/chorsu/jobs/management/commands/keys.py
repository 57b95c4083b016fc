"""`chorsu keys`: the keys this node takes signatures of; `chorsu keys rotate` changes its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange.actions import ChainFull, LogStopped
from chorsu.exchange.keys import UnusableKey
from chorsu.exchange.proofs import known_keys
from chorsu.flows.rekeying import change_key
from chorsu.kernel.clock import utc_now
from chorsu.wire.succession import key_line


class Command(BaseCommand):
    help = (
        "Prints the verifier keys of this node and its confirmed peers, one a line, those they "
        "have replaced too. `rotate` gives this node a new key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=("rotate",), help="change this node's key")
        parser.add_argument(
            "--revoked",
            action="store_true",
            help="the present key may be in other hands: it is destroyed, and believed less",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "rotate":
            self._rotate(revoked=options["revoked"])
            return
        if options["revoked"]:
            raise CommandError("--revoked goes with rotate")
        for key in known_keys():
            self.stdout.write(key_line(key))

    def _rotate(self, *, revoked: bool) -> None:
        try:
            made = change_key(revoked=revoked, by=None, now=utc_now())
        except LogStopped as stopped:
            raise CommandError(
                f"Publishing is stopped ({stopped}). If this node was set back to an old copy, "
                "restore the newest backup first. If somebody else has its key: --revoked"
            ) from stopped
        except (ChainFull, UnusableKey) as refused:
            raise CommandError(f"{type(refused).__name__}: {refused}") from refused
        self.stdout.write(f"before  {made.old.fingerprint}")
        self.stdout.write(f"now     {made.new.fingerprint}")
        self.stdout.write("Back up the data folder's keys now. Peers follow by themselves.")
