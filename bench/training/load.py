"""Learners of one timed quiz: each opens a lesson, begins, answers, sends again what failed."""

from __future__ import annotations

import asyncio
import random
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
from bench.training.measuring import shares

TRIES = 200
PAUSE_S = 0.7
BEGIN = 0.15
"""The share of the period in which learners come in."""
LATE, PATIENCE_S = 0.5, 120
"""By so much of the period, and so long, a learner may be late; then it has failed."""
SHARES = (0.5, 0.95, 0.99)


@dataclass
class Load:
    """The load on one system, and what was told to it."""

    address: str
    seats: list[dict[str, str]]
    seconds: float
    answer_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    lesson_ms: list[float] = field(default_factory=list)
    quiz_ms: list[float] = field(default_factory=list)
    requests: int = 0
    resent: int = 0
    database_away_s: float = 0
    took_s: float = 0
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    """Attempt -> item -> key of the answer that was told to be saved."""
    failed: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Of an answer: `answer_p95_ms` from its last try on, `_with_resends` from its first."""
        return {
            "requests": self.requests,
            "answers": len(self.answer_ms),
            "answers_per_s": round(len(self.answer_ms) / max(self.took_s, 1), 1),
            **shares("answer", self.answer_ms, *SHARES),
            "answer_p95_ms_with_resends": shares("a", self.whole_ms, 0.95)["a_p95_ms"],
            "answer_max_ms_with_resends": shares("a", self.whole_ms, 1)["a_p100_ms"],
            "page_p95_ms": shares("a", self.page_ms, 0.95)["a_p95_ms"],
            **shares("lesson_page", self.lesson_ms, *SHARES),
            **shares("quiz_page", self.quiz_ms, *SHARES),
            "resent": self.resent,
            "database_away_s": self.database_away_s,
            "took_s": round(self.took_s, 1),
            "learners_failed": len(self.failed),
        }


Seat: TypeAlias = dict[str, str]
Learner: TypeAlias = Callable[[Load, httpx.AsyncClient, Seat, random.Random], Awaitable[None]]


async def play(load: Load, learner: Learner) -> None:
    """All learners, each on connections of their own that are kept."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    begun = time.monotonic()
    async with httpx.AsyncClient(base_url=load.address, timeout=20, limits=limits) as client:
        playing = [asyncio.create_task(_play(load, client, seat, learner)) for seat in load.seats]
        latest = load.seconds * (1 + LATE) + PATIENCE_S
        _done, late = await asyncio.wait(playing, timeout=latest)
        for one in late:
            one.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    load.failed += ["too late"] * len(late)
    load.took_s = time.monotonic() - begun


async def _play(load: Load, client: httpx.AsyncClient, seat: Seat, learner: Learner) -> None:
    chance = random.Random(seat["enrolment"])
    await asyncio.sleep(chance.random() * load.seconds * BEGIN)
    try:
        await learner(load, client, seat, chance)
    except Exception as error:
        load.failed.append(f"{type(error).__name__}: {error}")


async def learn(load: Load, client: httpx.AsyncClient, seat: Seat, chance: random.Random) -> None:
    """A learner of the node: reads a unit, begins the quiz, answers it and hands in."""
    end = time.monotonic() + load.seconds * (1 - BEGIN)
    headers = {"Cookie": seat["cookie"], "Accept": "application/json"}
    form = {"csrfmiddlewaretoken": seat["token"]}

    async def send(
        method: str, path: str, times: list[float], form: dict[str, str] | None = None
    ) -> httpx.Response:
        return await sent(load, client, times, method, path, headers=headers, data=form)

    began = time.monotonic()
    await send("GET", seat["lesson"], [])
    load.lesson_ms.append(since(began))
    began = time.monotonic()
    begun = await send("POST", seat["begin"], load.page_ms, form)
    path = begun.headers["location"]
    page = await send("GET", path, load.page_ms)
    load.quiz_ms.append(since(began))
    questions = _questions(page.text)
    attempt = path.rstrip("/").rsplit("/", 1)[1]
    load.told[attempt] = {}
    for moment, (item, name, options) in zip(
        moments(chance, end, questions), questions, strict=True
    ):
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        body = {**form, "item": item, "key": key, name: chance.choice(options)}
        began = time.monotonic()
        saved = await send("POST", f"{path}answer/", load.answer_ms, body)
        load.whole_ms.append(since(began))
        if saved.json()["key"] != key:
            raise RuntimeError("told another key")
        load.told[attempt][item] = key
    await send("POST", f"{path}finish/", load.page_ms, form)


async def sent(
    load: Load,
    client: httpx.AsyncClient,
    times: list[float],
    method: str,
    path: str,
    **request: Any,  # noqa: ANN401
) -> httpx.Response:
    """Send until it is answered by something that is no trouble of the server's."""
    for _ in range(TRIES):
        load.requests += 1
        began = time.monotonic()
        try:
            answer = await client.request(method, path, **request)
        except httpx.TransportError:
            load.resent += 1
        else:
            if answer.status_code < 400:
                times.append(since(began))
                return answer
            if answer.status_code < 500:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:200]}")
            load.resent += 1
        await asyncio.sleep(PAUSE_S)
    raise RuntimeError(f"{path}: no answer")


def moments(chance: random.Random, end: float, questions: Sequence[object]) -> list[float]:
    """When each answer is sent: at moments of the learner's own until the end."""
    return sorted(chance.uniform(time.monotonic(), end) for _ in questions)


def since(began: float) -> float:
    """Milliseconds since a moment of `time.monotonic()`."""
    return (time.monotonic() - began) * 1000


def _questions(page: str) -> list[tuple[str, str, list[str]]]:
    """(item, name of its control, values) of each question of a page."""
    found = []
    for block in page.split("<fieldset")[1:]:
        item = re.search(r'data-question="([^"]+)"', block)
        controls = re.findall(r'type="radio" name="([^"]+)" value="([^"]+)"', block)
        if item and controls:
            found.append((item[1], controls[0][0], [value for _name, value in controls]))
    return found
