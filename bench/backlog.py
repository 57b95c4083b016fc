"""How fast workers make vectors of a backlog, and what a reader notices of it.

    .venv/bin/python bench/backlog.py [--records 1000] [--seconds 60] [--workers 1 2]

Makes a node of its own in a temporary folder, publishes the samples and `--records` practices
recombined from them, takes these out of the index again and has them wait as if a peer had sent
them all at once. Their words are those of the samples and have vectors already, so beside them
`--texts` records wait that are in the index without vectors, each of two passages of sentences put
together by chance, no two the same and all of about the same length, so that what is embedded first
costs what is embedded last.

Then `chorsu worker` processes work: first as many as the last of `--workers` take the records in
and embed at the same time (`arriving`), then so many as `--workers` says embed: for `--seconds` by
themselves, which gives their rate, and for as long while questions are asked. Those are in eight
languages, some words of the samples and seldom twice the same, one after the other in this process,
as a web process would. How many records wait makes no difference as long as some are left
(`waiting_left`).

Prints one JSON line: passages a second and processor seconds a passage by number of workers, the
ratio of the rates; the median and 95th percentile of a question with nothing to do, the same texts
being there (`idle`), while records arrive and during each backlog, in milliseconds, and the ratios
of the 95th to the first; `load_before`, how busy the machine was with other things.
"""

from __future__ import annotations

import argparse
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

WARM_S = 5
LEAST_ASKED = 20
LONG = 200
"""Characters of a passage that waits."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--texts", type=int, default=5000)
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
    from django.db import connection

    from chorsu.flows.sampling import load_many, load_samples
    from chorsu.kernel.clock import utc_now
    from chorsu.search import actions, embedding
    from chorsu.search.learning import learn_waiting
    from chorsu.search.models import Document, Passage, Unembedded, Waiting

    load = os.getloadavg()[0]
    call_command("init", verbosity=0, stdout=sys.stderr)
    load_samples(now=utc_now())
    while embedding.embed_waiting(256):
        pass
    first = set(Document.objects.values_list("pk", flat=True))
    load_many(count=records, progress=lambda done: None)
    arrived = Document.objects.exclude(pk__in=first)
    ids = [str(one) for one in arrived.values_list("record_id", flat=True)]
    for document in made_up(texts):
        actions.index(document)
    learn_waiting(limit=records + texts)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as a node that stands has it done
    ask_for(WARM_S)
    result: dict[str, object] = {
        "records": records,
        "texts": texts,
        "passages": Passage.objects.count(),
        "seconds_each": seconds,
        "load_before": round(load, 2),
    }
    idle = told(result, "idle", ask_for(seconds))
    Document.objects.filter(record_id__in=ids).delete()
    actions.index_later(kind="practice", record_ids=ids)
    with running(workers[-1]):
        while Waiting.objects.count() == len(ids):
            time.sleep(0.2)
        begun = time.perf_counter()
        asked = ask_for(seconds, lambda: Waiting.objects.exists())
        taken_in = len(ids) - Waiting.objects.count()
        result["records_a_second_arriving"] = round(taken_in / (time.perf_counter() - begun), 1)
    slow = told(result, "arriving", asked)
    result["query_p95_ratio_arriving"] = round(slow / idle, 2)
    Document.objects.filter(record_id__in=ids).delete()  # passages of all lengths
    Waiting.objects.all().delete()
    rates = {}
    for count in workers:
        rates[count], per_passage, asked = with_workers(count, seconds)
        result[f"passages_per_s_{count}"] = round(rates[count], 2)
        result[f"cpu_s_per_passage_{count}"] = round(per_passage, 4)
        slow = told(result, f"backlog_{count}", asked)
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


def told(result: dict[str, object], when: str, took: list[float]) -> float:
    """The 95th percentile in milliseconds, which is written down with the median."""
    result[f"query_p50_ms_{when}"] = round(statistics.median(took), 1)
    result[f"query_p95_ms_{when}"] = round(statistics.quantiles(took, n=20)[18], 1)
    return statistics.quantiles(took, n=20)[18]


def with_workers(count: int, seconds: int) -> tuple[float, float, list[float]]:
    """Passages a second, processor seconds a passage, and milliseconds of each question."""
    from chorsu.search.models import Vector

    with running(count) as processes:
        before = Vector.objects.count()
        while Vector.objects.count() < before + 64 * count:  # every worker has its encoder
            time.sleep(0.2)
        begun, before, spent = time.perf_counter(), Vector.objects.count(), cpu_s(processes)
        time.sleep(seconds)
        made = Vector.objects.count() - before
        took = time.perf_counter() - begun
        spent = cpu_s(processes) - spent
        asked = ask_for(seconds)
    return made / took, spent / max(1, made), asked


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
    for language, question in questions():
        begun = time.perf_counter()
        if begun > end or (len(took) >= LEAST_ASKED and not still()):
            return took
        search(question, Viewer(member=False, languages=(language,)), Filters())
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.05)  # a reader reads
    return took


def questions() -> Iterator[tuple[str, str]]:
    """Without end: a language of the samples, and some words that stand side by side in them."""
    said, chance = sentences(), random.Random(8)
    while True:
        for language in sorted(said):
            sentence = chance.choice(said[language])
            words = sentence.split() if " " in sentence else list(sentence)
            many = chance.randint(2, 4) if " " in sentence else chance.randint(4, 8)
            begin = chance.randrange(max(1, len(words) - many))
            between = " " if " " in sentence else ""
            yield language, between.join(words[begin : begin + many])


def sentences() -> dict[str, list[str]]:
    """What the sample practices say, sentence by sentence, by language."""
    import chorsu.practices

    said: dict[str, list[str]] = {}
    for path in sorted((Path(chorsu.practices.__file__).parent / "sample").glob("*/*.toml")):
        if path.stem != "practice":
            words = tomllib.loads(path.read_text(encoding="utf-8"))
            text = " ".join(value for value in words.values() if isinstance(value, str))
            found = [one for one in re.split(r"(?<=。)|(?<=\.) ", text) if len(one) > 20]
            said.setdefault(path.stem, []).extend(found)
    return said


def made_up(count: int):  # noqa: ANN201 - a generator of documents, whose type needs Django
    """Records of recombined sentences of the samples: no two passages are the same."""
    from chorsu.kernel.ids import new_id
    from chorsu.search.rules import DocumentToIndex, TextToIndex

    said = sentences()
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
            texts=[TextToIndex(tag, *halves(some))],
        )


def halves(said: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """A title and a paragraph of the same length, as long as a title may be, each with a number:
    of the same words both would have one vector.
    """
    numbers = random.Random("".join(said))
    title, paragraph = (
        f"{numbers.randrange(10**9)} {' '.join(some)}"[:LONG] for some in (said[:2], said[2:])
    )
    return title, [("summary", paragraph)]


if __name__ == "__main__":
    main()
