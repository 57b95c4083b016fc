"""`chorsu evaluate_search DIR`: how well the search of the site finds the same said otherwise.

DIR holds one file a language (`en.txt`, `zh-Hans.txt`, ...), line i of each saying the same. Every
line becomes a record of one text in a temporary index; every question goes through the search of
the site, narrowed to records of one other language, and then to all other languages at once. It
needs no node: a temporary embedded database serves.
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

from chorsu.jobs import aligned, evaluation_figures
from chorsu.jobs.embedded import embedded_database
from chorsu.search.space import fingerprint

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
        texts = aligned.read(options.folder)
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


def write_node(folder: Path) -> None:
    """The settings of a node that is none: a name, and its data in this folder."""
    (folder / "chorsu.toml").write_text(_NODE, encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    write_node(folder)
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
            "lines_fitted_on": fitted_lines(self.texts),
            **_figures(answers),
            "loading_s": round(loaded - started, 1),
            "asking_s": round(time.monotonic() - loaded, 1),
        }

    def _say(self, what: str) -> None:
        if not self.quiet:
            print(what, file=sys.stderr, flush=True)


def load(texts: Mapping[str, Sequence[str]]) -> None:
    """Take every line in as a record of one text, by the call that takes in a practice."""
    from django.db import transaction

    from chorsu.search import actions, rules

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


def fitted_lines(texts: Mapping[str, Sequence[str]]) -> int:
    """How many of the lines the search was fitted on: of those it tells nothing."""
    from chorsu.search.meaning import Meaning

    fitted = Meaning.from_settings().fitted_on
    return sum(fingerprint(line) in fitted for lines in texts.values() for line in lines)


def embed(_: int) -> int:
    """Make vectors until none waits; what another process has in hand it finishes itself."""
    from chorsu.search import embedding

    done = 0
    while some := embedding.embed_waiting(1000):
        done += some
    return done


def ask(given: tuple[str, Mapping[str, Sequence[str]], int]) -> _Answers:
    """Ask all questions of one language."""
    language, texts, asked = given
    from chorsu.records.viewer import Viewer
    from chorsu.search import queries, rules

    viewer = Viewer(member=False, languages=(language,))
    others = [tag for tag in texts if tag != language]
    found = _Answers(language, {tag: [] for tag in others}, [], [])

    def answers(question: str, among: Sequence[str]) -> list[tuple[str, float]]:
        results = queries.search(
            question,
            viewer,
            rules.Filters(languages=tuple(among)),
            kinds=(KIND,),
            limit=evaluation_figures.DEPTH + len(others),
        )
        return [(hit.record_id, hit.score) for hit in results.hits]

    for number, question in enumerate(texts[language][:asked]):
        right = {tag: record_id(number, tag) for tag in others}
        started = time.perf_counter()
        every = answers(question, others)
        found.milliseconds.append((time.perf_counter() - started) * 1000)
        found.mixed.append(evaluation_figures.rank(every, set(right.values())))
        for tag in others:
            place = evaluation_figures.rank(answers(question, [tag]), {right[tag]})
            found.ranks[tag].append(place)
    return found


def _figures(answers: Sequence[_Answers]) -> dict[str, Any]:
    pairs = {
        (one.language, tag): evaluation_figures.of_ranks(ranks)
        for one in answers
        for tag, ranks in one.ranks.items()
    }
    mixed = {one.language: evaluation_figures.of_ranks(one.mixed) for one in answers}
    times = [taken for one in answers for taken in one.milliseconds]
    return {
        **evaluation_figures.summary(pairs),
        "mixed": evaluation_figures.mixed_summary(mixed),
        **evaluation_figures.of_times(times),
    }


def _table(figures: Mapping[str, Any]) -> str:
    tags = list(figures["by_query_language"])
    rows = [f"{'asked in':9}" + "".join(f"{tag:>9}" for tag in tags) + f"{'mean':>9}{'mixed':>9}"]
    for asked in tags:
        cells = [
            f"{figures['pairs'][f'{asked}>{tag}']['r1']:9.3f}" if tag != asked else " " * 9
            for tag in tags
        ]
        mean = figures["by_query_language"][asked]
        mixed = figures["mixed"]["by_query_language"][asked]["r1"]
        rows.append(f"{asked:9}" + "".join(cells) + f"{mean:9.3f}{mixed:9.3f}")
    rows.append(
        f"R@1 {figures['mean_r1']}, R@10 {figures['mean_r10']}, MRR@10 {figures['mean_mrr10']};"
        f" a question took {figures['query_ms_p50']} ms, 95 % under {figures['query_ms_p95']} ms"
    )
    return "\n".join(rows)
