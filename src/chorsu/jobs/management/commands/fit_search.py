"""`chorsu fit_search DIR`: fits the search's parameters on aligned texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chorsu.kernel.languages import TAGS
from chorsu.search.encoder import fit_means
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.meaning import Choice, encoder_of


class Command(BaseCommand):
    help = "Fit the mean vectors by language on DIR/<language>.txt, one sentence a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--lines", type=int, default=1000, help="lines of each file to use")

    def handle(self, *args: Any, **options: Any) -> None:
        texts: dict[str, list[str]] = {}
        for tag in TAGS:
            path = options["folder"] / f"{tag}.txt"
            if not path.is_file():
                raise CommandError(f"{path} is missing.")
            texts[tag] = path.read_text(encoding="utf-8").splitlines()[: options["lines"]]
            self.stdout.write(f"{tag:8} {len(texts[tag])} sentences")
        choice = Choice.from_settings()
        try:
            fitted = fit_means(encoder_of(choice), texts)
        except EmbedderTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        choice.space_file.parent.mkdir(parents=True, exist_ok=True)
        choice.space_file.write_text(fitted.to_json(), encoding="utf-8")
        self.stdout.write(f"Written: {choice.space_file}")
