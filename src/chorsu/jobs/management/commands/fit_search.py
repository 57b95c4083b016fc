"""`chorsu fit_search DIR`: fits the search's parameters on aligned texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.jobs import aligned
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.meaning import Choice, encoder_of
from chorsu.search.space import fit_space


class Command(BaseCommand):
    help = "Fit the space of all languages on DIR/<language>.txt; line i of each says the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--lines", type=int, help="use only the first so many")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            texts = aligned.read(options["folder"], options["lines"])
        except ValueError as refused:
            raise CommandError(str(refused)) from refused
        choice = Choice.from_settings()
        try:
            fitted = fit_space(encoder_of(choice), texts)
        except EmbedderTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        choice.space_file.parent.mkdir(parents=True, exist_ok=True)
        choice.space_file.write_bytes(fitted.to_bytes())
        self.stdout.write(f"Written: {choice.space_file}")
