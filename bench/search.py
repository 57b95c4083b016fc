"""How long a search takes on the node that is configured here, whatever it holds.

    .venv/bin/python bench/search.py [--rounds 20]

Asks the same questions in eight languages again and again through `flows.finding.find`, the one
call that page and API make, and prints one JSON line: practices and passages in the index, the
median and the 95th percentile in milliseconds, the statements of one search.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time

import django

from chorsu.config.node import read_settings
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
    ("ru", "цифровые услуги в сельской местности для пожилых людей"),
    ("en", "data exchange"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chorsu.config.settings")
    node = read_settings()
    if not node.text("database.url"):
        os.environ["DATABASE_URL"] = embedded_database(node.data_dir / "postgres", "chorsu")
    django.setup()
    measure(rounds)


def measure(rounds: int) -> None:
    # Django's models can be imported only once it is set up.
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from chorsu.flows.finding import find
    from chorsu.records.viewer import Viewer
    from chorsu.search import queries
    from chorsu.search.rules import Filters

    def ask(language: str, question: str, filters: Filters) -> float:
        start = time.perf_counter()
        find(question, Viewer(member=False, languages=(language,)), filters, offset=0, limit=20)
        return (time.perf_counter() - start) * 1000

    every = Filters()
    for language, question in QUESTIONS:
        ask(language, question, every)  # the encoder and PostgreSQL's cache are warm from here on
    with CaptureQueriesContext(
        connection,
    ) as captured:
        ask(*QUESTIONS[0], every)
    asked = [ask(*one, every) for _ in range(rounds) for one in QUESTIONS]
    narrowed = [
        ask(*one, Filters(levels=("municipal",))) for _ in range(rounds) for one in QUESTIONS
    ]
    browsed = [ask("ru", "", every) for _ in range(rounds)]
    print(
        json.dumps(
            {
                "practices": queries.indexed("practice"),
                "passages": queries.passages(),
                "waiting": queries.waiting_passages(),
                "searches": len(asked),
                **_figures("search", asked),
                **_figures("filtered", narrowed),
                **_figures("browse", browsed),
                "statements": len(captured),
            }
        )
    )


def _figures(name: str, times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {f"{name}_p50_ms": round(cuts[9], 1), f"{name}_p95_ms": round(cuts[18], 1)}


if __name__ == "__main__":
    main()
