"""How fast workers make vectors of a backlog, and what a reader notices of it.

    .venv/bin/python bench/backlog.py [--records 1000] [--seconds 60] [--workers 1 2]

Makes a node of its own in a temporary folder, publishes the samples and `--records` practices
recombined from them, takes these out of the index again and has them wait as if a peer had sent
them all at once. Their words are those of the samples and have vectors already, so beside them
`--texts` records wait that are in the index without vectors, each a title and a paragraph of
sentences put together by chance, no two the same.

Then `chorsu worker` processes work: first as many as the last of `--workers` take the records in
and embed at the same time (`arriving`), then, for `--seconds` each time, so many as `--workers`
says embed. Meanwhile questions in eight languages are asked again and again in this process, as a
web process would. How many records wait makes no difference as long as some are left
(`waiting_left`).

Prints one JSON line: passages a second and processor seconds a passage by number of workers, the
ratio of the rates; the 95th percentile of a question with nothing to do, while records arrive and
during each backlog, in milliseconds, and the ratios to the first; `load_before`, how busy the
machine was with other things.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
WARM_S = 5
LEAST_ASKED = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chorsu-backlog-") as folder:
        os.environ["CHORSU_NODE_DATA_DIR"] = folder
        os.environ["DATABASE_URL"] = embedded_database(Path(folder) / "postgres", "chorsu")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chorsu.config.settings")
        django.setup()
        print(json.dumps(measure(options.records, options.texts, options.seconds, options.workers)))


def measure(records: int, texts: int, seconds: int, workers: list[int]) -> dict[str, object]:
    # Django's models can be imported only once it is set up.
    from django.core.management import call_command

    from chorsu.flows.indexing import index_some
    from chorsu.flows.sampling import load_many, load_samples
    from chorsu.kernel.clock import utc_now
    from chorsu.search import actions, embedding
    from chorsu.search.models import Document, Passage, Unembedded, Waiting

    load = os.getloadavg()[0]
    call_command("init", verbosity=0, stdout=sys.stderr)
    load_samples(now=utc_now())
    while embedding.embed_waiting(256):
        pass
    ask_for(WARM_S)
    idle = p95(ask_for(seconds))
    first = set(Document.objects.values_list("pk", flat=True))
    load_many(count=records, progress=lambda done: None)
    arrived = Document.objects.exclude(pk__in=first)
    ids = [str(one) for one in arrived.values_list("record_id", flat=True)]
    arrived.delete()
    for document in made_up(texts):
        actions.index(document)
    actions.index_later(kind="practice", record_ids=ids)
    with running(workers[-1]):
        while Waiting.objects.count() == len(ids):
            time.sleep(0.2)
        arriving = p95(ask_for(seconds, lambda: Waiting.objects.exists()))
        taken_in = len(ids) - Waiting.objects.count()
    while index_some(limit=256):
        pass
    result: dict[str, object] = {
        "records": records,
        "texts": texts,
        "passages": Passage.objects.count(),
        "seconds_each": seconds,
        "load_before": round(load, 2),
        "query_p95_ms_idle": idle,
        "records_taken_in_arriving": taken_in,
        "query_p95_ms_arriving": arriving,
        "query_p95_ratio_arriving": round(arriving / idle, 2),
    }
    rates = {}
    for count in workers:
        rates[count], per_passage, slow = with_workers(count, seconds)
        result[f"passages_per_s_{count}"] = round(rates[count], 2)
        result[f"cpu_s_per_passage_{count}"] = round(per_passage, 4)
        result[f"query_p95_ms_backlog_{count}"] = slow
        result[f"query_p95_ratio_{count}"] = round(slow / idle, 2)
    result["waiting_left"] = Unembedded.objects.count()
    if len(workers) > 1:
        result["rate_ratio"] = round(rates[workers[-1]] / rates[workers[0]], 2)
    return result


@contextmanager
def running(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many worker processes."""
    command = [sys.executable, "-m", "chorsu.config.cli", "worker"]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait()


def with_workers(count: int, seconds: int) -> tuple[float, float, float]:
    """Passages a second, processor seconds a passage, and the 95th percentile of questions (ms)."""
    from chorsu.search.models import Vector

    with running(count) as processes:
        before = Vector.objects.count()
        while Vector.objects.count() < before + 64 * count:  # every worker has its encoder
            time.sleep(0.2)
        ask_for(WARM_S)
        begun, before, spent = time.perf_counter(), Vector.objects.count(), cpu_s(processes)
        asked = ask_for(seconds)
        made = Vector.objects.count() - before
        took = time.perf_counter() - begun
        spent = cpu_s(processes) - spent
    return made / took, spent / max(1, made), p95(asked)


def cpu_s(processes: list[subprocess.Popen[bytes]]) -> float:
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ask_for(seconds: float, still: Callable[[], bool] = lambda: True) -> list[float]:
    """Milliseconds of each question, asked one after the other for so long, or while `still`."""
    from chorsu.records.viewer import Viewer
    from chorsu.search.queries import search
    from chorsu.search.rules import Filters

    took = []
    end = time.perf_counter() + seconds
    for language, question in itertools.cycle(QUESTIONS):
        begun = time.perf_counter()
        if begun > end or (len(took) >= LEAST_ASKED and not still()):
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
            kind="made-up",
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
