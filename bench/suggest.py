"""How long suggestions, corrections and a search inside take, on a throw-away node of many records.

    .venv/bin/python bench/suggest.py [--records 5000] [--rounds 5]

Titles are halves of the sample practices' titles put together, in all languages of the samples; the
rest of a record is its summary and place. Every beginning of some questions is asked for through
`/api/v1/suggest`, as a typist would; mistyped words through `search.correcting.correct`. Prints
one JSON line, milliseconds; `cpu` are those that this process and its database session were at it,
which tell of a busy machine what it would take on an idle one (Linux only).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import statistics
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

from chorsu.jobs.embedded import embedded_database

TYPED = (
    "政务服务",
    "бір терезе",
    "тажрыйба",
    "фуқаролар қабули",
    "fuqarolar qabuli",
    "портали ягона",
    "daşary ýurt",
    "единый портал",
    "one-stop shop",
    "learning before",
)
MISTYPED = ("servise", "портла", "qabuli fuqarolra", "hizmatlry", "digtal goverment", "мектпе")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chorsu-bench-") as folder:
        os.environ["CHORSU_NODE_DATA_DIR"] = folder
        os.environ["DATABASE_URL"] = embedded_database(Path(folder) / "postgres", "chorsu")
        os.environ["DJANGO_SETTINGS_MODULE"] = "chorsu.config.settings"
        django.setup()
        measure(asked.records, asked.rounds)


def measure(records: int, rounds: int) -> None:
    # Django's models can be imported only once it is set up.
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from chorsu.flows import pacing
    from chorsu.institutions.actions import load_institutions
    from chorsu.records.viewer import Viewer
    from chorsu.search.asking import read_query
    from chorsu.search.correcting import correct
    from chorsu.search.learning import learn_waiting
    from chorsu.search.models import ShownWord, Suggestion

    call_command("migrate", verbosity=0)
    load_institutions(now=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # what is thrown away need not be safe
    began = time.perf_counter()
    fill(records)
    learn_waiting(limit=records)
    learned = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    pacing.TYPED_PER_MINUTE = 0  # no limit
    client = Client(headers={"host": "localhost"})
    viewer = Viewer(member=False, languages=("ru",))

    def suggest(typed: str) -> int:
        return len(client.get("/api/v1/suggest", {"q": typed, "language": "ru"}).json()["items"])

    def mend(typed: str) -> int:
        found = correct(typed, read_query(typed), viewer, kinds=["practice"], found=0)
        return found is not None

    beginnings = [typed[:end] for typed in TYPED for end in range(1, len(typed) + 1)]
    print(
        json.dumps(
            {
                "records": records,
                "titles_and_places": Suggestion.objects.count(),
                "words": ShownWord.objects.count(),
                "index_and_learn_s": round(learned, 1),
                "suggest": timed(suggest, beginnings, rounds),
                "correct": timed(mend, list(MISTYPED), rounds),
            }
        )
    )


def timed(ask: Callable[[str], int], questions: list[str], rounds: int) -> dict[str, float]:
    """Median, 95th percentile and longest, in milliseconds, and the share that was answered."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    answered = [bool(ask(question)) for question in questions]
    taken, cpu = [], []
    for question in questions * rounds:
        start, before = time.perf_counter(), busy(session)
        ask(question)
        taken.append((time.perf_counter() - start) * 1000)
        cpu.append(busy(session) - before)
    return {
        "asked": len(taken),
        "answered": round(sum(answered) / len(answered), 2),
        **spread(taken, ""),
        **spread(cpu, "cpu_"),
    }


def spread(taken: list[float], name: str) -> dict[str, float]:
    return {
        f"{name}p50": round(statistics.median(taken), 1),
        f"{name}p95": round(statistics.quantiles(taken, n=20)[18], 1),
        f"{name}max": round(max(taken), 1),
    }


def busy(session: Path) -> float:
    """Milliseconds of processor time that this process and a database session had so far."""
    of_session = int(session.read_text().split()[0]) / 1e6 if session.exists() else 0.0
    return time.process_time() * 1000 + of_session


def fill(records: int) -> None:
    """Take so many records in, in the transaction of each."""
    from chorsu.flows.sampling import SAMPLE
    from chorsu.kernel.ids import new_id
    from chorsu.kernel.languages import TAGS
    from chorsu.search.actions import index
    from chorsu.search.rules import DocumentToIndex, TextToIndex

    samples = [
        {
            tag: tomllib.loads((folder / f"{tag}.toml").read_text(encoding="utf-8"))
            for tag in TAGS
            if (folder / f"{tag}.toml").is_file()
        }
        for folder in sorted(SAMPLE.iterdir())
        if (folder / "practice.toml").is_file()
    ]
    chance = random.Random(1)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(records):
        one, other = chance.choice(samples), chance.choice(samples)
        tags = [tag for tag in one if tag in other]
        texts = [
            TextToIndex(
                tag,
                f"{half(one[tag]['title'], 0)} {half(other[tag]['title'], 1)} {number}",
                [("summary", other[tag]["summary"]), ("place", one[tag].get("place", ""))],
            )
            for tag in tags
        ]
        index(
            DocumentToIndex(
                kind="practice",
                record_id=new_id(),
                audience="public",
                origin="bench.chorsu.example",
                institution_id="hub-astana",
                country="KZ",
                level="national",
                themes=(),
                languages=tags,
                year_from=2020,
                year_to=None,
                updated_at=moment + timedelta(minutes=number),
                texts=texts,
            )
        )


def half(title: str, which: int) -> str:
    """The first or the second half of a title; a title in Chinese is cut between characters."""
    pieces: list[str] = title.split() if " " in title else list(title)
    middle = len(pieces) // 2
    kept: Iterator[str] = itertools.islice(pieces, *((0, middle), (middle, None))[which])
    return (" " if " " in title else "").join(kept)


if __name__ == "__main__":
    main()
