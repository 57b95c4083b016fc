"""What a course was forked from, step by step, and which course passed counts for which."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings

from chorsu.training.models import Course

_MOST_STEPS = 8


def kin(needed: Collection[str], passed: Collection[str]) -> dict[str, set[str]]:
    """Of courses that have to be passed before (their ids): which of those passed count for each.

    What it was forked from counts for a course: who names the fork knows what it is of. A fork
    counts for what it is of only if this node published it: anybody may say of a course that it
    is a fork, and have cut it short. None of both is a query where all are passed as named.
    """
    missing = set(needed) - set(passed)
    if not missing or not passed:
        return {}
    lines, own = _lines(missing | set(passed))
    found = {one: lines[one] & set(passed) for one in missing}
    for fork in set(passed) & own:
        for source in lines[fork] & missing:
            found[source].add(fork)
    return found


def _lines(ids: Collection[str]) -> tuple[dict[str, set[str]], set[str]]:
    """Course -> all that it descends from; which of them this node published. A query a step."""
    source, own = dict[str, str](), set[str]()
    ahead = set(ids)
    for _step in range(_MOST_STEPS):
        rows = Course.objects.filter(pk__in=ahead)
        ahead = set()
        for key, origin, forked in rows.values_list("pk", "origin", "facts__forked_from__course"):
            if origin == settings.NODE_NAME:
                own.add(str(key))
            if forked and str(key) not in source:
                source[str(key)] = forked
                ahead.add(forked)
        ahead -= source.keys()
        if not ahead:
            break
    return {one: set(_line(one, source)) for one in ids}, own


def _line(course: str, source: dict[str, str]) -> Iterable[str]:
    seen = {course}
    while (course := source.get(course, "")) and course not in seen:
        seen.add(course)
        yield course
