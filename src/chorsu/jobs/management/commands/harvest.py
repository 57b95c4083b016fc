"""`chorsu harvest`: foreign repositories, from the node's own command line."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange.client import PeerTrouble
from chorsu.flows import harvesting
from chorsu.harvested.errors import NotHarvestable
from chorsu.harvested.queries import repositories, repository
from chorsu.kernel.clock import utc_now
from chorsu.wire.errors import WireError


class Command(BaseCommand):
    help = "Bring a foreign repository's records in over OAI-PMH; without an address list all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", default="", metavar="ADDRESS")
        parser.add_argument("--all", action="store_true", help="not only what changed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["address"]:
            for one in repositories():
                state = one.trouble or ("reading" if one.running else "read")
                self.stdout.write(f"{one.records:8}  {state:12} {one.address}  {one.name}")
            return
        try:
            address = harvesting.parse_repository(options["address"])
            number = harvesting.add(address=address, by=None, now=utc_now())
            harvesting.begin(
                repository_id=number, by=None, now=utc_now(), everything=options["all"]
            )
        except (NotHarvestable, PeerTrouble, WireError) as refused:
            raise CommandError(str(refused)) from refused
        self._harvest(number)

    def _harvest(self, number: int) -> None:
        one = repository(number)
        self.stdout.write(f"{one.name}  <{one.email}>  deleted records: {one.deleted or '?'}")
        more = True
        while more:
            more = harvesting.harvest(
                repository_id=number, clock=utc_now, pause=time.sleep, pages=1
            )
            one = repository(number)
            self.stdout.write(f"{one.read_in_run} read, {one.records} here")
            if more:
                time.sleep(harvesting.PAUSE_S)
        if one.trouble:
            raise CommandError(f"{one.trouble}: {one.trouble_detail}")
