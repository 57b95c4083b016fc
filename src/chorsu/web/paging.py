"""Long lists of people, a hundred to a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.http import HttpRequest

PAGE = 100
Item = TypeVar("Item")


def page_of(request: HttpRequest, count: int, query: str = "") -> tuple[int, dict[str, object]]:
    """Of so many items: the place of the first on the page that is asked for, and what
    `components/pagination.html` takes. `query` stands before the number of each page.
    """
    last = max(1, -(-count // PAGE))
    asked = request.GET.get("page", "")
    here = min(last, int(asked)) if asked.isdecimal() and asked != "0" and len(asked) < 7 else 1
    pages: dict[str, object] = {
        "previous_url": f"?{query}page={here - 1}" if here > 1 else "",
        "next_url": f"?{query}page={here + 1}" if here < last else "",
        "links": [
            {"number": number, "url": f"?{query}page={number}", "current": number == here}
            for number in range(1, last + 1)
        ]
        if last > 1
        else [],
    }
    return (here - 1) * PAGE, pages


def paged(request: HttpRequest, items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, object]]:
    """The items of the page that is asked for, and what `components/pagination.html` takes."""
    first, pages = page_of(request, len(items))
    return items[first : first + PAGE], pages
