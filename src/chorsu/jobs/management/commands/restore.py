"""`chorsu restore`: the node's own log and records brought back from its peers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange import restorations
from chorsu.exchange.troubles import explain
from chorsu.flows.restoring import NotRestored, restore
from chorsu.kernel.clock import utc_now

SHOWN = 100


class Command(BaseCommand):
    help = "Bring back from the peers what this node published and its database no longer has."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--give-up-unseen",
            action="store_true",
            help="go on without entries that no peer has seen; refused while one can't be asked",
        )

        parser.add_argument(
            "--from",
            dest="files",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="a part of a bundle with a peer's copy (bundle export --mirror); may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(
                clock=utc_now,
                progress=self._progress,
                give_up_unseen=options["give_up_unseen"],
                files=options["files"],
            )
        except NotRestored as refused:
            self._tell_peers()
            words = explain(refused.code)
            raise CommandError(f"{words.message} {words.advice}\n{refused.detail}") from refused
        self._tell_peers()
        self.stdout.write(
            f"{restored.size - restored.since} entries brought back: the log has {restored.size}"
        )
        if restored.lost:
            self.stdout.write(f"{restored.lost} contents no peer has; run this again to ask anew:")
        for one in restorations.lost(SHOWN):
            what = "file" if one.is_file else "content"
            self.stdout.write(
                f"  entry {one.index}, record {one.record_id}: {what} {one.sha256} ({one.reason})"
            )

    def _tell_peers(self) -> None:
        done = restorations.restoration()
        for one in done.peers if done else ():
            shown = f"{one.size} entries" if not one.code else one.code
            self.stdout.write(f"{one.peer}: {shown}")

    def _progress(self, done: int, total: int) -> None:
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        self.stderr.write(f"  {done} of {total}", ending=end)
        self.stderr.flush()
