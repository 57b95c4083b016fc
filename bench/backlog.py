"""How fast workers make vectors of a backlog, and what a reader notices of it.

    .venv/bin/python bench/backlog.py [--records 10000] [--seconds 60] [--workers 1 2]

Makes a node of its own in a temporary folder, has `--records` records wait as if a peer had sent
them, each with a title and a paragraph recombined from the sample practices, and lets `chorsu
worker` processes work at them for `--seconds` each time. Meanwhile the same questions in eight
languages are asked again and again in this process, as a web process would. Prints one JSON line:
passages a second and processor seconds a passage by number of workers, the ratio; the 95th
percentile of a question with nothing to do and during each backlog, in milliseconds, the ratios;
how busy the machine was with other things (`load_before`).
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import django

from chorsu.jobs.embedded import embedded_database

QUESTIONS = (
    ("zh-Hans", "城市交通管理"),
    ("kk", "бір терезе қызметтері"),
    ("ky", "мамлекеттик кызматчыларды окутуу"),
    ("uz", "fuqarolar murojaatlari"),
    ("tg", "хизматрасонии давлатӣ"),
    ("tk", "şäher ulag ulgamy dolandyryş"),
    ("ru", "приём граждан"),
    ("en", "civil service training"),
)
INDEXED_FIRST = 200
WARM_S = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chorsu-backlog-") as folder:
        os.environ["CHORSU_NODE_DATA_DIR"] = folder
        os.environ["DATABASE_URL"] = embedded_database(Path(folder) / "postgres", "chorsu")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chorsu.config.settings")
        django.setup()
        print(json.dumps(measure(options.records, options.seconds, options.workers)))


def measure(records: int, seconds: int, workers: list[int]) -> dict[str, object]:
    # Django's models can be imported only once it is set up.
    from django.core.management import call_command

    from chorsu.search import actions, embedding
    from chorsu.search.models import Passage

    load = os.getloadavg()[0]
    call_command("init", verbosity=0, stdout=sys.stderr)
    documents = made_up(records + INDEXED_FIRST)
    for document in itertools.islice(documents, INDEXED_FIRST):
        actions.index(document)
    while embedding.embed_waiting(256):
        pass
    ask_for(WARM_S)
    idle = ask_for(seconds)
    begun = time.perf_counter()
    for document in documents:
        actions.index(document)
    indexing_s = time.perf_counter() - begun
    result: dict[str, object] = {
        "records": records,
        "passages": Passage.objects.count(),
        "records_indexed_per_s": round(records / indexing_s, 1),
        "seconds_each": seconds,
        "load_before": round(load, 2),
        "query_p95_ms_idle": p95(idle),
    }
    rates, slow = {}, {}
    for count in workers:
        rates[count], per_passage, asked = with_workers(count, seconds)
        slow[count] = p95(asked)
        result[f"passages_per_s_{count}"] = round(rates[count], 2)
        result[f"cpu_s_per_passage_{count}"] = round(per_passage, 4)
        result[f"query_p95_ms_backlog_{count}"] = slow[count]
        result[f"query_p95_ratio_{count}"] = round(slow[count] / p95(idle), 2)
    if len(workers) > 1:
        result["rate_ratio"] = round(rates[workers[-1]] / rates[workers[0]], 2)
    return result


def with_workers(count: int, seconds: int) -> tuple[float, float, list[float]]:
    """Passages a second, processor seconds a passage, and how long the questions took (ms)."""
    from chorsu.search.actions import defer_embedding
    from chorsu.search.models import Vector

    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "chorsu.config.cli", "worker"], stdout=subprocess.DEVNULL
        )
        for _ in range(count)
    ]
    try:
        defer_embedding()
        before = Vector.objects.count()
        while Vector.objects.count() < before + 64 * count:  # every worker has its encoder
            time.sleep(0.2)
        ask_for(WARM_S)
        begun, before, spent = time.perf_counter(), Vector.objects.count(), cpu_s(processes)
        asked = ask_for(seconds)
        made = Vector.objects.count() - before
        took = time.perf_counter() - begun
        spent = cpu_s(processes) - spent
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait()
    return made / took, spent / max(1, made), asked


def cpu_s(processes: list[subprocess.Popen[bytes]]) -> float:
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ask_for(seconds: float) -> list[float]:
    from chorsu.records.viewer import Viewer
    from chorsu.search.queries import search
    from chorsu.search.rules import Filters

    took = []
    end = time.perf_counter() + seconds
    for language, question in itertools.cycle(QUESTIONS):
        begun = time.perf_counter()
        if begun > end:
            return took
        search(question, Viewer(member=False, languages=(language,)), Filters())
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.05)  # a reader reads
    return took


def p95(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[18], 1)


def made_up(count: int):  # noqa: ANN201 - a generator of documents, whose type needs Django
    """Records of recombined sentences of the samples: no two paragraphs are the same."""
    import chorsu.practices
    from chorsu.kernel.ids import new_id
    from chorsu.search.rules import DocumentToIndex, TextToIndex

    said: dict[str, list[str]] = {}
    for path in sorted((Path(chorsu.practices.__file__).parent / "sample").glob("*/*.toml")):
        if path.stem != "practice":
            words = tomllib.loads(path.read_text(encoding="utf-8"))
            text = " ".join(value for value in words.values() if isinstance(value, str))
            sentences = [one for one in re.split(r"(?<=。)|(?<=\.) ", text) if len(one) > 20]
            said.setdefault(path.stem, []).extend(sentences)
    chance = random.Random(7)
    for _ in range(count):
        tag = chance.choice(sorted(said))
        some = chance.sample(said[tag], 4)
        yield DocumentToIndex(
            kind="practice",
            record_id=new_id(),
            audience="public",
            origin="astana.chorsu.example",
            institution_id="kz-apa",
            country="KZ",
            level="national",
            themes=(),
            languages=[tag],
            year_from=2020,
            year_to=2020,
            updated_at=datetime(2026, 1, 1, tzinfo=UTC),
            texts=[TextToIndex(tag, some[0][:200], [("summary", " ".join(some[1:])[:650])])],
        )


if __name__ == "__main__":
    main()
