"""The main job of the network, done over HTTP by itself: the check of `make demo CHECK=1`.

An editor publishes in Chinese at the first node; a reader at the last one waits for it, finds it
with a Turkmen query and reads it; the editor withdraws it, and the reader sees it gone.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence

from chorsu.jobs.demo_nodes import DemoNode
from chorsu.jobs.form_client import FormClient, PageError

MOST_SECONDS = 10.0
QUERY = "oba mekdeplerine göçme kitaphana"
"""Turkmen: a mobile library for village schools."""

WORDS = {
    "title": "流动图书馆把书送到乡村学校（自检用案例）",
    "summary": (
        "一辆流动图书车按日程到各乡村学校，师生就近借书还书。"
        "本案例由系统自检程序发布，随后即被撤回。"
    ),
    "problem": "乡村学校没有图书馆，学生要到县城才能借书。",
    "action": "县图书馆用一辆流动图书车，按固定日程把书送到每所乡村学校，当场借还。",
    "steps": "1. 统计各校需要的书。\n2. 公布行车日程。\n3. 车到学校，学生借书还书。",
    "results": "学生在学校门口就能借到书。",
    "failures": "起初日程常变，学生空等；后来提前一周公布日程。",
    "requirements": "一辆车、一名图书管理员和一套可以在路上使用的借阅系统。",
    "lessons": "按时到达比多带书更重要。",
    "place": "示例县",
}
FACTS: dict[str, str | list[str]] = {
    "themes": ["education", "rural-development"],
    "sdg_goals": ["4"],
    "level": "district",
    "country": "CN",
    "year_from": "2024",
    "status": "pilot",
    "cost": "unknown",
    "duration": "unknown",
    "audience": "public",
    "licence": "CC-BY-4.0",
}


class CheckError(Exception):
    """A step of the check did not come to its end; the message says which and why."""


def check(nodes: Sequence[DemoNode], password: str) -> int:
    """Do the main job once; print one JSON line; 0 if every step came to its end in 10 s."""
    home, away = nodes[0], next(node for node in nodes if node.language == "tk")
    figures: dict[str, object] = {"from": home.city, "to": away.city, "query": QUERY}
    problems: list[str] = []
    try:
        with FormClient(home.home) as editor, FormClient(away.home) as reader:
            _do(editor, reader, home, password, figures)
    except (CheckError, PageError) as failed:
        problems.append(str(failed))
    slow = [
        name
        for name, value in figures.items()
        if name.endswith("_s") and isinstance(value, float) and value > MOST_SECONDS
    ]
    problems += [f"{name} took over {MOST_SECONDS:.0f} s" for name in slow]
    figures |= {"ok": not problems, "problems": problems}
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 1 if problems else 0


def _do(
    editor: FormClient,
    reader: FormClient,
    home: DemoNode,
    password: str,
    figures: dict[str, object],
) -> None:
    started = time.monotonic()
    practice = _write(editor, home, password)
    figures["write_s"] = _since(started)

    published = time.monotonic()
    editor.open(f"{_root(editor)}work/drafts/{practice}/publish/")
    editor.send("/publish/", {})
    page = f"{_root(reader)}practices/{practice}/"
    _wait("Ashgabat did not show the practice", lambda: _shows(reader, page, WORDS["title"]))
    figures["publish_to_readable_s"] = _since(published)

    _wait("the Turkmen query did not find it", lambda: _rank(reader, practice) is not None)
    figures["publish_to_found_s"] = _since(published)
    figures["rank"] = _rank(reader, practice)

    reading = time.monotonic()
    if WORDS["action"] not in reader.open(page):
        raise CheckError("the page lacks the words that were published")
    figures["read_s"] = _since(reading)

    withdrawn = time.monotonic()
    editor.open(f"{_root(editor)}practices/{practice}/withdraw/")
    editor.send("/withdraw/", {"reason": "自检完成，案例撤回。"})
    _wait("Ashgabat still shows it", lambda: _gone(reader, page, practice))
    figures["withdraw_to_gone_s"] = _since(withdrawn)


def _write(editor: FormClient, home: DemoNode, password: str) -> str:
    """Sign in, write the draft by its forms; return the id."""
    editor.open("account/login/")
    editor.send("/account/login/", {"login": f"editor@{home.name}", "password": password})
    editor.open(f"{_root(editor)}work/new/")
    editor.send("/work/new/", {"institution": home.institution, "language": home.language})
    found = re.search(r"/work/drafts/([0-9a-f-]{36})/", editor.address)
    if found is None:
        raise CheckError(f"no draft was made; the page is {editor.address}")
    editor.send(f"/work/drafts/{found[1]}/", {**WORDS, **FACTS}, button="do=save")
    return found[1]


def _root(client: FormClient) -> str:
    """The home page of the node in the client's language."""
    found = re.match(r"https?://[^/]+/[a-z-]+/", client.address)
    if found is None:
        raise CheckError(f"not a page of a node: {client.address}")
    return found[0]


def _shows(reader: FormClient, page: str, words: str) -> bool:
    return words in reader.open(page) and reader.status == 200


def _rank(reader: FormClient, practice: str) -> int | None:
    """Place of the practice among the results of the query, from 1."""
    html = reader.open(f"{_root(reader)}search/?q={QUERY.replace(' ', '+')}")
    results = html.partition('id="results"')[2]
    order = list(dict.fromkeys(re.findall(r"/practices/([0-9a-f-]{36})/", results)))
    return order.index(practice) + 1 if practice in order else None


def _gone(reader: FormClient, page: str, practice: str) -> bool:
    reader.open(page)
    return reader.status == 410 and _rank(reader, practice) is None


def _wait(what: str, until: Callable[[], bool]) -> None:
    """Ask again and again for up to three times the time allowed, then raise CheckError."""
    deadline = time.monotonic() + 3 * MOST_SECONDS
    while not until():
        if time.monotonic() > deadline:
            raise CheckError(f"{what} within {3 * MOST_SECONDS:.0f} s")
        time.sleep(0.1)


def _since(start: float) -> float:
    return round(time.monotonic() - start, 2)
