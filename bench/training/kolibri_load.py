"""A learner of Kolibri: what its own pages ask for, as its learn plugin 0.19 does in a browser.

Programs, styles and pictures are left out, as they are of our pages: a browser keeps them.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import httpx
from bench.training.load import BEGIN, Learner, Load, Seat, moments, sent, since

CHOICES = "ABCD"
_TRACK = "/api/logger/trackprogress/"
_CONTENT = "/api/content/"
_VERSION = {"major": "140", "minor": "0", "patch": "0"}
_BROWSER = {
    "active": False,
    "browser": {"name": "Chrome", **_VERSION},
    "os": {"name": "Android", "major": "14"},
}
"""What its pages tell of the browser whenever they are opened."""


def learner(made: dict[str, Any]) -> Learner:
    """Of the class, the lesson and the quiz that `fill` made."""

    async def learn(
        load: Load, client: httpx.AsyncClient, seat: Seat, chance: random.Random
    ) -> None:
        end = time.monotonic() + load.seconds * (1 - BEGIN)
        headers = {"Cookie": seat["cookie"], "X-CSRFToken": seat["token"]}

        async def send(
            method: str, path: str, times: list[float], body: dict[str, Any] | None = None
        ) -> httpx.Response:
            return await sent(load, client, times, method, path, headers=headers, json=body)

        async def get(*paths: str) -> list[httpx.Response]:
            """All at once, as a browser does."""
            return await asyncio.gather(*(send("GET", path, []) for path in paths))

        began = time.monotonic()
        await get("/en/learn/")
        await send("PUT", "/api/auth/session/current/", [], _BROWSER)
        await get("/learn/api/state")
        await get(
            f"{_CONTENT}channel/?available=true",
            f"/api/logger/userprogress/{seat['enrolment']}/",
            f"/learn/api/learnerlesson/{made['lesson']}/",
            f"{_CONTENT}usercontentnode/?lesson={made['lesson']}",
            f"{_CONTENT}contentnodeprogress/?lesson={made['lesson']}",
        )
        load.lesson_ms.append(since(began))

        began = time.monotonic()
        _room, exam = await get(
            f"/learn/api/learnerclassroom/{made['class']}/", f"/api/exams/exam/{made['quiz']}/"
        )
        exercises, started = await asyncio.gather(
            get(f"{_CONTENT}contentnode/?ids={made['exercise']}&no_available_filtering=true"),
            send("POST", _TRACK, load.page_ms, {"quiz_id": made["quiz"]}),
        )
        await get(exercises[0].json()[0]["files"][0]["storage_url"])
        load.quiz_ms.append(since(began))

        questions = [
            f"{question['exercise_id']}:{question['question_id']}"
            for section in exam.json()["question_sources"]
            for question in section["questions"]
        ]
        path = f"{_TRACK}{started.json()['session_id']}/"
        told = load.told[seat["enrolment"]] = {}
        for moment, item in zip(moments(chance, end, questions), questions, strict=True):
            waited = max(0.0, moment - time.monotonic())
            await asyncio.sleep(waited)
            chosen = chance.randrange(len(CHOICES))
            began = time.monotonic()
            body = _answer(item, chosen, waited)
            saved = await send("PUT", path, load.answer_ms, body)
            load.whole_ms.append(since(began))
            if [one["item"] for one in saved.json()["attempts"]] != [item]:
                raise RuntimeError("told of another answer")
            told[item] = CHOICES[chosen]
        await send("PUT", path, load.page_ms, {"progress_delta": 1})

    return learn


def _answer(item: str, chosen: int, seconds: float) -> dict[str, Any]:
    """The body with which its page of a quiz saves the answer to a question of one choice."""
    states = [{"selected": place == chosen} for place in range(len(CHOICES))]
    interaction = {
        "answer": {"question": {"radio 1": {"choiceStates": states}}, "hints": []},
        "simple_answer": CHOICES[chosen],
        "correct": int(chosen == 0),
        "item": item,
        "time_spent": seconds,
        "replace": True,
    }
    return {"time_spent_delta": seconds, "interactions": [interaction]}
