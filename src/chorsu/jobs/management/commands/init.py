"""`chorsu init`: makes a node ready to serve, or brings it up to date; safe to repeat."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.exchange.keys import signing_key
from chorsu.institutions.actions import add_person, load_institutions
from chorsu.institutions.queries import node_institution_id, own_institutions
from chorsu.kernel.clock import utc_now
from chorsu.search.actions import follow_settings


class Command(BaseCommand):
    help = "Make the node's keys, tables, institutions and pages ready; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin", metavar="EMAIL", help="make this person administrator")
        parser.add_argument("--password", help="first password; asked for when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        now = utc_now()
        self.stdout.write(f"Node {settings.NODE_NAME} at {settings.NODE_ADDRESS}")
        self.stdout.write(f"  key         {signing_key().fingerprint}")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        self.stdout.write("  database    tables are up to date")
        count = load_institutions(now=now)
        self.stdout.write(f"  network     {count} institutions known")
        if not own_institutions():
            raise CommandError(f"node.institution: no institution {node_institution_id()!r}.")
        if follow_settings():
            self.stdout.write(f"  search      {settings.NODE.text('search.embedder')}")
        else:
            self.stdout.write("  search      by words alone: chorsu doctor says why")
        call_command("collectstatic", verbosity=0, interactive=False)
        self.stdout.write("  pages       styles and scripts are in place")
        if options["admin"]:
            self._administrator(options["admin"], options["password"])
        self.stdout.write("Ready. Next: chorsu serve, chorsu worker; chorsu doctor checks it all.")

    def _administrator(self, email: str, password: str | None) -> None:
        if password is None:
            if not sys.stdin.isatty():
                raise CommandError("--admin needs --password where nobody can be asked.")
            password = getpass.getpass(f"Password for {email}: ")
        add_person(
            email=email,
            name="",
            password=password,
            institution_id=node_institution_id(),
            roles=["administrator"],
            now=utc_now(),
        )
        self.stdout.write(f"  people      {email} administers {settings.NODE_NAME}")
