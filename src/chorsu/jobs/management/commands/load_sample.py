"""`chorsu load_sample`: sample practices, courses and people, for trying a node."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.flows.sampling import load_courses, load_many, load_samples
from chorsu.institutions.actions import add_person
from chorsu.institutions.models import Role
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import utc_now


class Command(BaseCommand):
    help = "Publish the sample practices and courses of this node's institution."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", action="store_true", help="make one person a role")
        parser.add_argument("--password", help="the password of these people")
        parser.add_argument("--practices", type=int, default=0, metavar="N", help="make N more")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["people"]:
            if not options["password"]:
                raise CommandError("--people needs --password.")
            self._people(options["password"])
        count = load_samples(now=utc_now())
        self.stdout.write(f"Sample practices published or renewed: {count}")
        courses = load_courses(now=utc_now())
        self.stdout.write(f"Sample courses published or renewed: {courses}")
        if options["practices"]:
            load_many(count=options["practices"], progress=self._progress(options["practices"]))
            self.stdout.write(f"\nPractices made of the samples: {options['practices']}")

    def _people(self, password: str) -> None:
        for role in Role.values:
            person = add_person(
                email=f"{role}@{settings.NODE_NAME}",
                name="",
                password=password,
                institution_id=node_institution_id(),
                roles=[role],
                now=utc_now(),
            )
            self.stdout.write(f"  {person.email}")

    def _progress(self, total: int) -> Any:
        def show(done: int) -> None:
            if done % 25 == 0 or done == total:
                end = "\r" if sys.stdout.isatty() else "\n"
                self.stdout.write(f"  {done} of {total}", ending=end)
                self.stdout.flush()

        return show
