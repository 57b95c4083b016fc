"""What a person is told who would publish while the node's log is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from chorsu.exchange.actions import LogStopped
from chorsu.exchange.keys import UnusableKey
from chorsu.exchange.troubles import STOPPED, STOPS
from chorsu.exchange.witnesses import key_replaced, stopped, why_stopped
from chorsu.web.errors import error_page
from chorsu.wire.succession import Succession


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing is published, and what to do; `replaced`: how the key was, if it is that."""

    title: Promise
    why: Promise
    advice: Promise
    replaced: Succession | None


def stop() -> Stop | None:
    """The stop of the log in words, or None while it goes on."""
    try:
        return _stop(why_stopped(), key_replaced()) if stopped() else None
    except UnusableKey:
        return _stop("key-unusable")


def _stop(code: str, replaced: Succession | None = None) -> Stop:
    said = STOPS[code]
    return Stop(STOPPED, said.message, said.advice, replaced)


class LogStoppedPage:
    """Middleware: `LogStopped`, and a key of the node that cannot be read, become a page that says
    so; the transaction is rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing on the way in or out."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """503 for these, none of our business otherwise."""
        if not isinstance(exception, LogStopped | UnusableKey):
            return None
        code = "key-unusable" if isinstance(exception, UnusableKey) else why_stopped()
        told = _stop(code)
        return error_page(request, 503, str(told.title), f"{told.why} {told.advice}")
