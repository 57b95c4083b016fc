"""Whole searches, as page and API make them, timed: alone, eight at once, narrowed."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.searching.load import run
from bench.searching.questions import Question
from django.db import connection, transaction

from chorsu.records.viewer import Viewer
from chorsu.search import asking, queries, rules, switching
from chorsu.search.encoder import Vectors
from chorsu.search.lexicon import expand
from chorsu.search.statements import patient

WARMING = 48
RARE = rules.Filters(countries=("TM",), languages=("tk",))
WIDE = rules.Filters(languages=("ru",))
EVERY = rules.Filters()
DEPTH = 10


@dataclass(slots=True)
class Taken:
    """What one search took, in ms: in all, of the processor here and at PostgreSQL, and of all
    that the vector of the question.
    """

    wall: float
    here: float
    there: float
    embedding: float
    hits: int


class Asker:
    """Asks, and looks at what it took."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.backend = run("SELECT pg_backend_pid()")[0][0]
        served = switching.serving()
        if served is None:
            raise RuntimeError("no encoder serves")
        self._embedding, self.served = 0.0, served
        query = served.meaning.query

        def timed(text: str, likely: Mapping[str, float]) -> Vectors:
            started = time.perf_counter()
            vector = query(text, likely)
            self._embedding = time.perf_counter() - started  # in a thread of its own
            return vector

        served.meaning.query = timed  # type: ignore[method-assign]

    def ask(self, question: Question, filters: rules.Filters = EVERY) -> Taken:
        """One search for the first page."""
        viewer = Viewer(member=False, languages=(question.language,))
        there, here, started = _processor(self.backend), time.process_time(), time.perf_counter()
        self._embedding = 0.0
        found = queries.search(question.text, viewer, filters)
        wall, own = time.perf_counter() - started, time.process_time() - here
        used = _processor(self.backend) - there
        return Taken(wall * 1e3, own * 1e3, used * 1e3, self._embedding * 1e3, len(found.hits))

    def prepare(self, question: Question) -> None:
        """Have the vector of a question at hand, as after a first look at its answers."""
        viewer = Viewer(member=False, languages=(question.language,))
        query = asking.read_query(question.text)
        coming = queries.Coming(query, viewer)
        coming.confirm(self.served.id)
        coming.of(query)

    def memory(self) -> dict[str, float]:
        """MB of this process at most, of its backend alone, and of the whole server now."""
        server = _server_processes(self.backend)
        return {
            "asking_process_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
            "backend_private_mb": _status_mb(self.backend, "RssAnon"),
            "server_mb": round(sum(map(_share_mb, server))),
        }


def alone(asked: Iterator[Question], number: int) -> dict[str, Any]:
    """One question after another."""
    asker = Asker()
    _warm(asker, asked)
    taken = [(one, asker.ask(one)) for one in islice(asked, number)]
    every = [each for _, each in taken]
    return {
        "questions": len(every),
        **cuts("search", [one.wall for one in every]),
        **cuts("short", [one.wall for question, one in taken if not question.long]),
        **cuts("long", [one.wall for question, one in taken if question.long]),
        **cuts("embedding", [one.embedding for one in every]),
        **cuts("processor", [one.here + one.there for one in every]),
        **cuts("processor_of_postgresql", [one.there for one in every]),
        "answered": round(sum(one.hits > 0 for one in every) / len(every), 3),
        **asker.memory(),
    }


def together(
    asked: Iterator[Question], number: int, threads: int, barrier: Barrier
) -> tuple[list[float], float, float]:
    """So many threads of this process at once; what each search took in ms, begin and end."""
    asker = Asker()
    _warm(asker, asked)
    shares = [list(islice(asked, number)) for _ in range(threads)]
    taken: list[float] = []
    begun: list[float] = []

    def work(share: Sequence[Question]) -> None:
        asker.ask(share[0])  # its connection
        barrier.wait()
        begun.append(time.monotonic())
        taken.extend([asker.ask(one).wall for one in share[1:]])
        connection.close()

    workers = [threading.Thread(target=work, args=(share,)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return taken, min(begun), time.monotonic()


def narrowed(asked: Iterator[Question], number: int) -> dict[str, Any]:
    """The same questions to all records, to 1 in 500 and to most; what scanning loses."""
    asker = Asker()
    _warm(asker, asked)
    times: dict[rules.Filters, list[float]] = {EVERY: [], RARE: [], WIDE: []}
    empty = lost = 0
    for place, one in enumerate(islice(asked, number)):
        # With the vector of the question made before: whichever came second would have it already.
        asker.prepare(one)
        for filters in list(times)[place % 3 :] + list(times)[: place % 3]:
            taken = asker.ask(one, filters)
            times[filters].append(taken.wall)
            empty += filters == RARE and not taken.hits
        if place < 40:
            lost += bool(_exactly(one) - _answers(one))
    every, rare, wide = times.values()
    return {
        "questions": number,
        **cuts("all_without_embedding", every),
        **cuts("rare_without_embedding", rare),
        **cuts("wide_without_embedding", wide),
        "rare_to_all_ratio": round(median(rare) / median(every), 2),
        "rare_to_all_p95_ratio": round(_at(rare, 95) / _at(every, 95), 2),
        "wide_to_all_p95_ratio": round(_at(wide, 95) / _at(every, 95), 2),
        "rare_empty": round(empty / number, 3),
        "rare_lost": lost,
    }


def _answers(question: Question) -> set[str]:
    viewer = Viewer(member=False, languages=(question.language,))
    return {hit.record_id for hit in queries.search(question.text, viewer, RARE).hits[:DEPTH]}


def _exactly(question: Question) -> set[str]:
    with without_index():
        return _answers(question)


@contextmanager
def without_index() -> Iterator[None]:
    """Have no approximate index lead: it is gone, until the transaction is rolled back."""
    with transaction.atomic():
        run(f"DROP INDEX search_vector_of_{run(_SERVING)[0][0]}")
        yield
        transaction.set_rollback(True)


_SERVING = "SELECT id FROM search_encoder WHERE state = 'serving'"


def recall(asked: Iterator[Question], number: int) -> dict[str, Any]:
    """Of the ten nearest passages of all, how many are among the candidates of the site."""
    asker, shares, misses = Asker(), [], 0
    for one in islice(asked, number):
        viewer = Viewer(member=False, languages=(one.language,))
        near = queries._SQL["near"].format(
            filters="document.audience = ANY(%(audiences)s)",
            encoder=asker.served.id,
            dimensions=asker.served.dimensions,
        )
        dimensions = asker.served.dimensions
        distances = (
            f"SELECT vector.vector::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions})"
            f" FROM ({near}) AS near JOIN search_vector AS vector ON vector.passage_id = near.id"
            f" AND vector.encoder_id = {asker.served.id} ORDER BY 1 LIMIT %(depth)s"
        )
        query = expand(asking.read_query(one.text))
        vector = asker.served.meaning.query(*_read(query, viewer))
        values = {
            "vector": "[" + ",".join(f"{x:.5f}" for x in vector) + "]",
            "audiences": list(viewer.audiences),
            "nearest": queries.NEAREST,
            "depth": DEPTH,
        }
        with patient(0, by_index=True):
            approximate = [row[0] for row in run(distances, values)]
        with without_index():
            exact = [row[0] for row in run(distances, values | {"nearest": DEPTH})]
        found = sum(distance <= exact[-1] for distance in approximate[:DEPTH])
        shares.append(found / len(exact))
        misses += found < len(exact)
    return {
        "questions": len(shares),
        "recall_at_10": round(sum(shares) / len(shares), 4),
        "with_a_miss": misses,
    }


def _read(query: asking.Query, viewer: Viewer) -> tuple[str, dict[str, float]]:
    likely = asking.likely_languages(query, viewer.languages)
    return asking.for_encoder(query, likely), likely


def _warm(asker: Asker, asked: Iterator[Question]) -> None:
    for one in islice(asked, WARMING):
        asker.ask(one)


def cuts(name: str, times: Sequence[float]) -> dict[str, float]:
    return {f"{name}_p{at}_ms": round(_at(times, at), 1) for at in (50, 95, 99)}


def _at(times: Sequence[float], percent: int) -> float:
    return quantiles([*times, *times[-1:]], n=100, method="inclusive")[percent - 1]


def _processor(process: int) -> float:
    """Seconds of processor time of a process, to the nanosecond; Linux says so of each."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def _server_processes(backend: int) -> Iterator[int]:
    """Processes of the server that this backend is of."""
    parent = _parent(backend)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            number = int(folder.name)
            if number == parent or _parent(number) == parent:
                yield number


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _status_mb(process: int, name: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return round(int(line.split()[1]) / 1e3, 1)
    return 0.0


def _share_mb(process: int) -> float:
    """Memory of a process, what it shares by the number of those who share it."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) / 1e3 for x in text.splitlines() if x.startswith("Pss:")), 0.0)
