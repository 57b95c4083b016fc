"""From publishing to readable at a peer, both nodes under load.

    CHORSU_CONFIG=/path/of/the/publisher/chorsu.toml \
        python -m bench.exchange.load PUBLISHER READER ROUNDS EDITORS PAGES_A_SECOND

Both nodes serve and work. In each round every editor has a draft ready and all press the button at
once; from then on each asks the peer for the practice's page until it is there, while others read
other pages of the peer at a steady rate. Prints one JSON object, times in milliseconds.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from chorsu.config import cli
from chorsu.jobs.demo_check import FACTS
from chorsu.jobs.form_client import FormClient

PASSWORD = "chorsu-bench"  # the nodes listen on this machine only and are thrown away
ASK_EVERY_S = 0.1
PATIENCE_S = 60
FIELDS = (
    "title", "summary", "place", "problem", "action", "steps", "partners", "results", "failures",
    "requirements", "lessons",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor is about to write."""

    language: str
    words: dict[str, str]


class Editor:
    """A person at the publisher, who looks at the peer's page as well."""

    def __init__(self, login: str, publisher: str, reader: str, institution: str) -> None:
        self._desk = FormClient(f"{publisher}/en/")
        self._eyes = httpx.Client(base_url=reader, timeout=30)
        self._institution = institution
        self._desk.open("account/login/")
        self._desk.send("/account/login/", {"login": login, "password": PASSWORD})
        self._root = f"{publisher}/en/"

    def write(self, draft: Draft) -> str:
        """Write a draft and go to the page with the button; returns its id."""
        self._desk.open(f"{self._root}work/new/")
        began = {"institution": self._institution, "language": draft.language}
        self._desk.send("/work/new/", began)
        found = re.search(r"/work/drafts/([0-9a-f-]{36})/", self._desk.address)
        if found is None:
            raise RuntimeError(f"no draft was made; the page is {self._desk.address}")
        self._desk.send(f"/work/drafts/{found[1]}/", {**draft.words, **FACTS}, button="do=save")
        self._desk.open(f"{self._root}work/drafts/{found[1]}/publish/")
        return found[1]

    def publish(
        self, practice: str, title: str, together: threading.Barrier
    ) -> tuple[float, float]:
        """Press the button with the others; milliseconds from then to the answer, to readable."""
        together.wait()
        begun = time.perf_counter()
        self._desk.send("/publish/", {})
        answered = time.perf_counter()
        asked = answered
        while not self._is_readable(practice, title):
            if time.perf_counter() > begun + PATIENCE_S:
                raise RuntimeError(f"{practice} is not readable after {PATIENCE_S} s")
            asked += ASK_EVERY_S
            time.sleep(max(0.0, asked - time.perf_counter()))
        return 1000 * (answered - begun), 1000 * (time.perf_counter() - begun)

    def _is_readable(self, practice: str, title: str) -> bool:
        """Whether the page is there. Whether it will be, the API says at less cost to the node."""
        try:
            if self._eyes.get(f"/api/v1/practices/{practice}").status_code != 200:
                return False
            answer = self._eyes.get(f"/en/practices/{practice}/")
        except (httpx.ReadError, httpx.RemoteProtocolError):
            return False  # a line that was kept open was closed as it was used: asked again
        return answer.status_code == 200 and title in answer.text


class Readers:
    """Others who read the peer's pages, so many a second, however long an answer takes."""

    def __init__(self, reader: str, rate: int) -> None:
        self._rate, self._over = rate, threading.Event()
        self._http = httpx.Client(base_url=f"{reader}/en/", timeout=30)
        self.took: list[float] = []
        listed = re.findall(r"practices/[0-9a-f-]{36}/", self._http.get("practices/").text)
        self._pages = ["", "practices/", "institutions/", "search/?q=city", "node/", *set(listed)]
        self._threads = ThreadPoolExecutor(16)
        self._pace = threading.Thread(target=self._read_on)

    def __enter__(self) -> Readers:
        self.begun = time.perf_counter()
        self._pace.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pace.join()
        self._threads.shutdown()
        self.seconds = time.perf_counter() - self.begun

    def _read_on(self) -> None:
        count = 0
        while not self._over.wait(max(0.0, self.begun + count / self._rate - time.perf_counter())):
            self._threads.submit(self._read, self._pages[count % len(self._pages)])
            count += 1

    def _read(self, page: str) -> None:
        begun = time.perf_counter()
        self._http.get(page).raise_for_status()
        self.took.append(1000 * (time.perf_counter() - begun))


def measure(publisher: str, reader: str, rounds: int, editors: int, rate: int) -> dict[str, float]:
    """The figures; the first round is not counted, it wakes everything up."""
    from chorsu.institutions.queries import node_institution_id

    institution, drafts = node_institution_id(), _drafts()
    people = [Editor(login, publisher, reader, institution) for login in _logins(editors)]
    answered: list[float] = []
    readable: list[float] = []
    with ThreadPoolExecutor(editors) as threads, Readers(reader, rate) as others:
        for number in range(rounds + 1):
            texts = [next(drafts) for _ in people]
            ids = list(threads.map(Editor.write, people, texts))
            titles = [text.words["title"] for text in texts]
            together = threading.Barrier(editors)
            took = list(threads.map(Editor.publish, people, ids, titles, [together] * editors))
            if number:
                answered += [one for one, _ in took]
                readable += [one for _, one in took]
    return {
        "published": len(readable),
        "answered_p50_ms": _cut(answered, 50),
        "answered_p95_ms": _cut(answered, 95),
        "readable_p50_ms": _cut(readable, 50),
        "readable_p95_ms": _cut(readable, 95),
        "readable_max_ms": round(max(readable), 1),
        "pages_per_s": round(len(others.took) / others.seconds, 1),
        "page_p50_ms": _cut(others.took, 50),
        "page_p95_ms": _cut(others.took, 95),
    }


def _cut(times: list[float], percent: int) -> float:
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 1)


def _drafts() -> Iterator[Draft]:
    """Made of the samples, each with a title that no other page holds."""
    from chorsu.flows.sampling import recombined

    for made in recombined(count=1 << 20):
        language = made.sample.language
        words = {name: str(made.sample.words(language).get(name, "")) for name in FIELDS}
        words["title"] = f"{words['title'][:120]} bench-{made.number:05}"
        yield Draft(language, words)


def _logins(count: int) -> list[str]:
    from chorsu.institutions.actions import add_person
    from chorsu.institutions.models import Role
    from chorsu.institutions.queries import node_institution_id
    from chorsu.kernel.clock import utc_now

    # New people each time: a run that was cut may have made some.
    run = utc_now().strftime("%H%M%S")
    logins = [f"editor-{run}-{number}@bench.example" for number in range(count)]
    for login in logins:
        add_person(
            email=login,
            name="",
            password=PASSWORD,
            institution_id=node_institution_id(),
            roles=[Role.EDITOR],
            now=utc_now(),
        )
    return logins


def main() -> None:
    cli.prepare()
    publisher, reader, *numbers = sys.argv[1:]
    print(json.dumps(measure(publisher, reader, *map(int, numbers))))


if __name__ == "__main__":
    main()
