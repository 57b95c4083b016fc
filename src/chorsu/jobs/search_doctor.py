"""What `chorsu doctor` says of search, and `chorsu index` of its backlog."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chorsu.jobs.finding import Finding
from chorsu.search.backlog import Backlog, backlog
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.meaning import Choice, Meaning, encoder_of

TRIED_WITH = "Chorsu"


def search_findings(now: datetime) -> Iterator[Finding]:
    """Whether the encoder answers, which one serves, and what waits."""
    known = backlog(now=now)
    try:
        encoder_of(Choice.from_settings()).queries([TRIED_WITH])
    except EmbedderTrouble as trouble:
        yield Finding(
            "search",
            "wrong",
            f"no vectors can be made: {trouble}",
            "Search answers by words alone meanwhile; check the settings search.embedder_*.",
        )
    else:
        yield Finding("search", "ok", said_of(known))
    wanted = Meaning.from_settings().name
    coming = known.coming.name if known.coming else ""
    if known.serving and wanted not in (known.serving, coming):
        yield Finding(
            "search",
            "attention",
            f"{known.serving} serves, and the settings say {wanted}",
            "Restart the workers: they begin the change.",
        )
    if known.unfitted:
        yield Finding(
            "search",
            "attention",
            "nothing is fitted to the encoder: languages stay apart, and weak answers come along",
            "Run: chorsu fit_search DIR (docs/search.md), then restart the workers.",
        )


def said_of(known: Backlog) -> str:
    """The backlog in a line: who serves, what waits, how fast it goes, how long it takes."""
    parts = [known.serving or "no encoder yet", f"{known.waiting} passages wait"]
    if known.coming:
        done = known.coming.total - known.coming.waiting
        parts.append(f"coming: {known.coming.name}, {done} of {known.coming.total} passages")
    if known.all_waiting:
        parts.append(f"{known.per_second:.1f} a second")
        left = known.seconds_left
        parts.append("standing still" if left is None else f"{duration(left)} to go")
    return "; ".join(parts)


def duration(seconds: int) -> str:
    """As hours, minutes or seconds, whichever tells enough."""
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds} s"
