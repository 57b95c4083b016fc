"""From ranks to the figures of `chorsu evaluate_search`: recall, mean reciprocal rank, their means.

R@k is the share of questions whose right answer is among the first k; MRR@10 the mean of 1/rank,
0 beyond the tenth (Manning, Raghavan, Schütze: Introduction to Information Retrieval, chapter 8).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from statistics import mean, quantiles
from typing import Any, TypeAlias

DEPTH = 10
Pair: TypeAlias = tuple[str, str]
"""Language of the questions, language of the documents."""


def rank(answers: Sequence[tuple[str, float]], right: Container[str]) -> int | None:
    """The place, from 1, of the first right answer among (id, score), best first; None if none is.

    Of equals the right one is taken to be last: a tie is no answer.
    """
    for found, score in answers:
        if found in right:
            return 1 + sum(1 for one, other in answers if one not in right and other >= score)
    return None


def of_ranks(ranks: Sequence[int | None]) -> dict[str, float]:
    """R@1, R@10 and MRR@10, from 0 to 1."""
    within = [place if place is not None and place <= DEPTH else None for place in ranks]
    return {
        "r1": _share(place == 1 for place in within),
        "r10": _share(place is not None for place in within),
        "mrr10": round(mean(1 / place if place else 0.0 for place in within), 4),
    }


def summary(pairs: Mapping[Pair, Mapping[str, float]]) -> dict[str, Any]:
    """Means over all pairs, means of R@1 by language of either side, the worst pair."""
    asked = {query for query, _ in pairs}
    answering = {document for _, document in pairs}
    worst = min(pairs, key=lambda pair: pairs[pair]["r1"])
    return {
        **{f"mean_{name}": _mean(one[name] for one in pairs.values()) for name in _FIGURES},
        "by_query_language": {
            tag: _mean(one["r1"] for (query, _), one in pairs.items() if query == tag)
            for tag in sorted(asked)
        },
        "by_document_language": {
            tag: _mean(one["r1"] for (_, document), one in pairs.items() if document == tag)
            for tag in sorted(answering)
        },
        "worst_pair": {"query": worst[0], "documents": worst[1], "r1": pairs[worst]["r1"]},
        "pairs": {f"{query}>{document}": dict(one) for (query, document), one in pairs.items()},
    }


def mixed_summary(by_language: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The same over questions to all other languages at once."""
    means = {f"mean_{name}": _mean(one[name] for one in by_language.values()) for name in _FIGURES}
    return {**means, "by_query_language": {tag: dict(one) for tag, one in by_language.items()}}


def of_times(milliseconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile of what questions took."""
    cuts = quantiles([*milliseconds, *milliseconds[-1:]], n=20, method="inclusive")
    return {"query_ms_p50": round(cuts[9], 1), "query_ms_p95": round(cuts[18], 1)}


_FIGURES = ("r1", "r10", "mrr10")


def _share(hits: Iterable[bool]) -> float:
    return round(mean(float(hit) for hit in hits), 4)


def _mean(values: Iterable[float]) -> float:
    return round(mean(values), 4)
