"""`chorsu evaluate_search DIR`: how well the search of the site finds the same thing said otherwise.

DIR holds one file a language (`en.txt`, `zh-Hans.txt`, ...), line i of each saying the same. Every
line becomes a record of one text in a temporary index; every question goes through the search of the
site, narrowed to records of one other language, and then to all other languages at once. It needs no
node: a temporary embedded database serves.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from chorsu.jobs import evaluation_figures
from chorsu.jobs.embedded import embedded_database
from chorsu.kernel.languages import TAGS

KIND = "line"
_LINES = uuid.UUID("5f2f3f0a-2f43-4f0a-9d3c-6a1f7f1f0d11")
_NODE = """[node]
name = "evaluation.chorsu.example"
address = "http://localhost"
institution = "hub-astana"
data_dir = "data"
"""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the questions of one language got: ranks by language of the documents, times in ms."""

    language: str
    ranks: dict[str, list[int | None]]
    mixed: list[int | None]
    milliseconds: list[float]


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 2 if DIR is not as it must be."""
    parser = argparse.ArgumentParser(prog="chorsu evaluate_search", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--queries", type=int, metavar="N", help="ask only the first N lines")
    parser.add_argument("--json", action="store_true", help="only the line of JSON, no progress")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="that embed and ask at a time"
    )
    options = parser.parse_args(list(arguments))
    try:
        texts = read_texts(options.folder)
    except ValueError as refused:
        print(f"chorsu evaluate_search: {refused}", file=sys.stderr)
        return 2
    asked = min(options.queries or len(texts["en"]), len(texts["en"]))
    if asked < 1:
        parser.error("--queries: at least 1")
    with tempfile.TemporaryDirectory(prefix="chorsu-evaluation-") as folder:
        environment = _environment(Path(folder))
        figures = _Evaluation(texts, asked, options.processes, quiet=options.json).run(environment)
    print(json.dumps(figures, ensure_ascii=False) if options.json else _table(figures))
    return 0


def read_texts(folder: Path) -> dict[str, list[str]]:
    """Lines by language. Raises ValueError unless every language has as many, none of them empty."""
    texts: dict[str, list[str]] = {}
    for tag in TAGS:
        path = folder / f"{tag}.txt"
        if not path.is_file():
            raise ValueError(f"{path} is missing")
        texts[tag] = path.read_text(encoding="utf-8").splitlines()
        if len(texts[tag]) != len(texts[TAGS[0]]):
            raise ValueError(
                f"{path} has {len(texts[tag])} lines, {TAGS[0]}.txt has {len(texts[TAGS[0]])}"
            )
        empty = [str(n) for n, line in enumerate(texts[tag], start=1) if not line.strip()]
        if empty:
            raise ValueError(f"{path}: empty lines: {', '.join(empty[:10])}")
    if not texts[TAGS[0]]:
        raise ValueError(f"{folder}: the files are empty")
    return texts


def _environment(folder: Path) -> dict[str, str]:
    (folder / "chorsu.toml").write_text(_NODE, encoding="utf-8")
    return {
        "CHORSU_CONFIG": str(folder / "chorsu.toml"),
        "DATABASE_URL": embedded_database(folder / "postgres", "evaluation"),
        "DJANGO_SETTINGS_MODULE": "chorsu.config.settings",
    }


def prepare(environment: Mapping[str, str]) -> None:
    """Have this process work on the temporary index and nothing else."""
    for name in [name for name in os.environ if name.startswith("CHORSU_")]:
        del os.environ[name]
    os.environ.update(environment)
    django.setup()


def record_id(line: int, language: str) -> str:
    """The id of the record that a line is in the temporary index."""
    return str(uuid.uuid5(_LINES, f"{line} {language}"))


def _line_of() -> None: ...


@dataclass(frozen=True, slots=True)
class _Evaluation:
    texts: Mapping[str, Sequence[str]]
    asked: int
    processes: int
    quiet: bool

    def run(self, environment: Mapping[str, str]) -> dict[str, Any]:
        prepare(environment)
        call_command("migrate", verbosity=0)
        started = time.monotonic()
        self._say("taking the lines in")
        load(self.texts)
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            self.processes, spawned, initializer=prepare, initargs=(dict(environment),)
        ) as pool:
            self._say("making vectors")
            list(pool.map(embed, range(self.processes)))
            loaded = time.monotonic()
            answers = []
            for one in pool.map(ask, [(tag, self.texts, self.asked) for tag in self.texts]):
                self._say(f"asked in {one.language}")
                answers.append(one)
        return {
            "lines": len(self.texts["en"]),
            "queries": self.asked,
            **_figures(answers),
            "loading_s": round(loaded - started, 1),
            "asking_s": round(time.monotonic() - loaded, 1),
        }

    def _say(self, what: str) -> None:
        if not self.quiet:
            print(what, file=sys.stderr, flush=True)


def load(texts: Mapping[str, Sequence[str]]) -> None:
    """Take every line in as a record of one text, by the call that takes in a practice."""
    from django.db import transaction  # noqa: PLC0415 - the settings are known only now

    from chorsu.search import actions, rules  # noqa: PLC0415

    with transaction.atomic():
        for tag, lines in texts.items():
            for number, line in enumerate(lines):
                actions.index(
                    rules.DocumentToIndex(
                        kind=KIND,
                        record_id=record_id(number, tag),
                        audience="public",
                        origin="evaluation.chorsu.example",
                        institution_id="hub-astana",
                        country="KZ",
                        level="",
                        themes=(),
                        languages=(tag,),
                        year_from=None,
                        year_to=None,
                        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
                        texts=[rules.TextToIndex(tag, line, [])],
                    )
                )


def embed(_: int) -> int:
    """Make vectors until none waits; what another process has in hand it finishes itself."""
    from chorsu.search import actions  # noqa: PLC0415

    done = 0
    while some := actions.embed_waiting(1000):
        done += some
    return done


def ask(given: tuple[str, Mapping[str, Sequence[str]], int]) -> _Answers:
    """Ask all questions of one language."""
    language, texts, asked = given
    from chorsu.records.viewer import Viewer  # noqa: PLC0415
    from chorsu.search import queries, rules  # noqa: PLC0415

    viewer = Viewer(member=False, languages=(language,))
    others = [tag for tag in texts if tag != language]
    number_of = {record_id(n, tag): n for tag in texts for n in range(len(texts[tag]))}
    found = _Answers(language, {tag: [] for tag in others}, [], [])

    def answers(question: str, among: Sequence[str]) -> list[tuple[str, float]]:
        results = queries.search(
            question,
            viewer,
            rules.Filters(languages=tuple(among)),
            kinds=(KIND,),
            limit=evaluation_figures.DEPTH + 1,
        )
        return [(hit.record_id, hit.score) for hit in results.hits]

    for number, question in enumerate(texts[language][:asked]):
        started = time.perf_counter()
        every = answers(question, others)
        found.milliseconds.append((time.perf_counter() - started) * 1000)
        found.mixed.append(_first_of(every, {r for r, n in number_of.items() if n == number}))
        for tag in others:
            got = answers(question, [tag])
            found.ranks[tag].append(evaluation_figures.rank(got, record_id(number, tag)))
    return found
