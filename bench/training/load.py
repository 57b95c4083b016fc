"""Learners of one timed quiz: each begins, answers, sends again what did not arrive, hands in."""

from __future__ import annotations

import asyncio
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

_TRIES = 200
_PAUSE_S = 0.7
_BEGIN = 0.15
"""The share of the period in which learners come in."""


@dataclass
class Load:
    """The load on one node, and what was told to it."""

    address: str
    seats: list[dict[str, str]]
    seconds: float
    answer_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    resent: int = 0
    database_away_s: float = 0
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    """Attempt -> item -> key of the answer that was told to be saved."""
    failed: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """`answer_p95_ms` of an answer that was answered; `_with_resends` from its first try on."""
        return {
            "answers": len(self.answer_ms),
            "answers_per_s": round(len(self.answer_ms) / self.seconds, 1),
            "answer_p50_ms": _share(self.answer_ms, 0.5),
            "answer_p95_ms": _share(self.answer_ms, 0.95),
            "answer_p95_ms_with_resends": _share(self.whole_ms, 0.95),
            "answer_max_ms_with_resends": _share(self.whole_ms, 1),
            "page_p95_ms": _share(self.page_ms, 0.95),
            "resent": self.resent,
            "database_away_s": self.database_away_s,
            "learners_failed": len(self.failed),
        }


async def play(load: Load) -> None:
    """All learners, each on a connection of their own that is kept."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=load.address, timeout=20, limits=limits) as client:
        await asyncio.gather(*(_learner(load, client, seat) for seat in load.seats))


async def _learner(load: Load, client: httpx.AsyncClient, seat: dict[str, str]) -> None:
    chance = random.Random(seat["enrolment"])
    await asyncio.sleep(chance.random() * load.seconds * _BEGIN)
    end = time.monotonic() + load.seconds * (1 - _BEGIN)
    headers = {"Cookie": seat["cookie"], "Accept": "application/json"}
    form = {"csrfmiddlewaretoken": seat["token"]}
    try:
        begun = await _send(load, client, "POST", seat["begin"], headers, form, load.page_ms)
        path = begun.headers["location"]
        page = await _send(load, client, "GET", path, headers, None, load.page_ms)
        questions = _questions(page.text)
        attempt = path.rstrip("/").rsplit("/", 1)[1]
        load.told[attempt] = {}
        moments = sorted(chance.uniform(time.monotonic(), end) for _ in questions)
        for moment, (item, name, options) in zip(moments, questions, strict=True):
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
            body = {**form, "item": item, "key": key, name: chance.choice(options)}
            begun_at = time.monotonic()
            url = f"{path}answer/"
            saved = await _send(load, client, "POST", url, headers, body, load.answer_ms)
            load.whole_ms.append((time.monotonic() - begun_at) * 1000)
            if saved.json()["key"] != key:
                raise RuntimeError("told another key")
            load.told[attempt][item] = key
        await _send(load, client, "POST", f"{path}finish/", headers, form, load.page_ms)
    except Exception as error:
        load.failed.append(f"{type(error).__name__}: {error}")


async def _send(
    load: Load,
    client: httpx.AsyncClient,
    method: str,
    path: str,
    headers: dict[str, str],
    form: dict[str, str] | None,
    times: list[float],
) -> httpx.Response:
    """Send until it is answered by something that is no trouble of the node's."""
    for _ in range(_TRIES):
        start = time.monotonic()
        try:
            answer = await client.request(method, path, headers=headers, data=form)
        except httpx.TransportError:
            load.resent += 1
        else:
            if answer.status_code < 400:
                times.append((time.monotonic() - start) * 1000)
                return answer
            if answer.status_code < 500:
                raise RuntimeError(f"{path}: {answer.status_code}")
            load.resent += 1
        await asyncio.sleep(_PAUSE_S)
    raise RuntimeError(f"{path}: no answer")


def _questions(page: str) -> list[tuple[str, str, list[str]]]:
    """(item, name of its control, values) of each question of a page."""
    found = []
    for block in page.split("<fieldset")[1:]:
        item = re.search(r'data-question="([^"]+)"', block)
        controls = re.findall(r'type="radio" name="([^"]+)" value="([^"]+)"', block)
        if item and controls:
            found.append((item[1], controls[0][0], [value for _name, value in controls]))
    return found


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else 0
