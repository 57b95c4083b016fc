"""`chorsu index`: works off the backlog of search here, or says how far it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.flows.indexing import index_some
from chorsu.jobs.search_doctor import said_of
from chorsu.kernel.clock import utc_now
from chorsu.search import switching
from chorsu.search.backlog import backlog
from chorsu.search.embedding import embed_waiting
from chorsu.search.errors import EmbedderTrouble

AT_ONCE = 64


class Command(BaseCommand):
    help = "Take what waits into the index and make its vectors here, beside the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--status", action="store_true", help="only say how far it is")
        parser.add_argument("--json", action="store_true", help="for machines; with --status")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"] and not options["status"]:
            raise CommandError("--json goes with --status.")
        if not options["status"]:
            self._work()
        known = backlog(now=utc_now())
        if options["json"]:
            told = asdict(known) | {"seconds_left": known.seconds_left}
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(said_of(known))

    def _work(self) -> None:
        try:
            switching.align()
            while index_some(limit=AT_ONCE):
                self.stderr.write(said_of(backlog(now=utc_now())))
            while embed_waiting(AT_ONCE):
                self.stderr.write(said_of(backlog(now=utc_now())))
        except EmbedderTrouble as trouble:
            raise CommandError(f"{trouble}. What was made is kept; run it again.") from trouble
