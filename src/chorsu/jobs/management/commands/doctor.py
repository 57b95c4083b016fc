"""`chorsu doctor`: is this node well, and if not, what is to be done."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chorsu.jobs.doctor import examine
from chorsu.kernel.clock import utc_now

SIGNS = {"ok": "ok        ", "attention": "attention ", "wrong": "WRONG     "}


class Command(BaseCommand):
    help = "Check database, extensions, keys, peers, disk, mail and clock; say what to do."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON line a finding")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for finding in examine(now=utc_now()):
            wrong += finding.level == "wrong"
            if options["json"]:
                self.stdout.write(json.dumps(asdict(finding)))
                continue
            self.stdout.write(f"{SIGNS[finding.level]} {finding.check:12} {finding.what}")
            if finding.advice:
                self.stdout.write(f"{'':24}-> {finding.advice}")
        if wrong:
            sys.exit(1)
