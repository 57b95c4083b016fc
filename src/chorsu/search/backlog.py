"""How far the making of vectors is: what waits, how fast it goes, how long it will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from chorsu.search.models import EmbeddedMinute, Encoder, Unembedded

COUNTED = timedelta(minutes=10)
"""The rate is that of the last minutes."""


@dataclass(frozen=True, slots=True)
class Change:
    """An encoder on its way: of `total` passages `waiting` are still without its vector."""

    name: str
    waiting: int
    total: int

    @property
    def share(self) -> float:
        """What is done, 0 to 1."""
        return 1 - self.waiting / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for vectors. `per_second` is the rate of all workers together of late.

    `serving` is the encoder's name, empty before the first; `unfitted`: no space is fitted to it.
    """

    serving: str
    unfitted: bool
    waiting: int
    coming: Change | None
    per_second: float

    @property
    def all_waiting(self) -> int:
        """Vectors still to be made, by either encoder."""
        return self.waiting + (self.coming.waiting if self.coming else 0)

    @property
    def seconds_left(self) -> int | None:
        """At that rate; None where nothing was made of late and something waits."""
        if not self.all_waiting:
            return 0
        return round(self.all_waiting / self.per_second) if self.per_second else None

    @property
    def minutes_left(self) -> int | None:
        """The same in minutes, 1 at least."""
        seconds = self.seconds_left
        return None if seconds is None else max(1, round(seconds / 60))


def backlog(*, now: datetime) -> Backlog:
    """Count what waits."""
    rows = {
        row.state: row
        for row in Encoder.objects.exclude(state=Encoder.State.LEAVING).defer("choice")
    }
    counted = Unembedded.objects.values_list("encoder_id").annotate(Count("id"))
    waiting = dict(counted.filter(encoder__in=[row.pk for row in rows.values()]))
    serving, coming = rows.get("serving"), rows.get("coming")
    change = None
    if coming is not None:
        left = waiting.get(coming.pk, 0)
        change = Change(coming.name, left, max(coming.queued, left))
    return Backlog(
        serving=serving.name if serving else "",
        unfitted=serving is not None and not serving.space,
        waiting=waiting.get(serving.pk, 0) if serving else 0,
        coming=change,
        per_second=_rate(now),
    )


def _rate(now: datetime) -> float:
    made = EmbeddedMinute.objects.filter(minute__gt=now - COUNTED).aggregate(
        Sum("passages"), Min("minute")
    )
    if not made["passages__sum"]:
        return 0.0
    seconds = (now - made["minute__min"]).total_seconds()
    return float(made["passages__sum"] / max(seconds, 1.0))
