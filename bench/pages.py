"""Weight, queries and time of the main pages of a running node; prints one JSON line.

    CHORSU_CONFIG=/path/chorsu.toml python bench/pages.py [--requests 200] [--at-once 2]

The node must be serving (`chorsu serve`) and is asked over HTTP; the queries of each page are
counted in this process against the same database. Bytes are what crosses the wire, compressed:
`page_bytes` the HTML alone, `whole_bytes` with its styles, scripts and icons at a first visit.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import httpx

from chorsu.config import cli


def pages(client: httpx.Client, home: str) -> dict[str, str]:
    """Addresses of the pages to measure; the practice is the newest one."""
    listed = client.get(urljoin(home, "practices/")).text
    practice = re.search(r"/practices/[0-9a-f-]{36}/", listed)
    if practice is None:
        sys.exit("the node has no practices")
    one = practice[0].removeprefix("/")
    return {
        "home": "",
        "practices": "practices/",
        "practice": one,
        "practice beside": f"{one}?beside=original",
        "history": f"{one}history/",
        "institutions": "institutions/",
        "search, words": "search/?q=城市+交通",
        "search, meaning": "search/?q=obalarda+ýaşaýjylara+hyzmat",
        "search, filtered": "search/?q=хизмат&country=KZ",
        "node": "node/",
        "help": "help/",
    }


def fetch(client: httpx.Client, address: str) -> float:
    """Milliseconds of one request."""
    start = time.perf_counter()
    answer = client.get(address)
    answer.raise_for_status()
    return (time.perf_counter() - start) * 1000


def weight(client: httpx.Client, address: str) -> tuple[int, int]:
    """Compressed bytes of the page, and of it with everything but photographs it asks for."""
    with client.stream("GET", address) as answer:
        raw = b"".join(answer.iter_raw())
    html = client.get(address).text
    parts = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg))"', html))
    whole = len(raw)
    for part in parts:
        with client.stream("GET", urljoin(address, part)) as answer:
            whole += len(b"".join(answer.iter_raw()))
    return len(raw), whole


def queries(path: str) -> int:
    """Queries of one page, a warm process, nobody signed in."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=2)
    options = parser.parse_args()
    cli.prepare()
    from django.conf import settings

    home = f"{settings.NODE_ADDRESS}/{settings.LANGUAGE_CODE}/"
    figures: dict[str, dict[str, float]] = {}
    limits = httpx.Limits(max_connections=options.at_once)
    with httpx.Client(timeout=30, limits=limits) as client:
        for name, path in pages(client, home).items():
            address = urljoin(home, path)
            for _ in range(10):
                fetch(client, address)
            with ThreadPoolExecutor(options.at_once) as threads:
                took = sorted(threads.map(lambda a: fetch(client, a), [address] * options.requests))
            page_bytes, whole_bytes = weight(client, address)
            figures[name] = {
                "p50_ms": round(statistics.median(took), 1),
                "p95_ms": round(took[int(len(took) * 0.95) - 1], 1),
                "queries": queries("/" + address.split("/", 3)[3]),
                "page_bytes": page_bytes,
                "whole_bytes": whole_bytes,
            }
    print(json.dumps({"requests": options.requests, "at_once": options.at_once, "pages": figures}))


if __name__ == "__main__":
    main()
