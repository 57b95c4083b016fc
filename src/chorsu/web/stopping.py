"""What a person is told who would publish while the node's log is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from chorsu.exchange.actions import LogStopped
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
    return Stop(STOPPED, why(), advice(), key_replaced()) if stopped() else None


def advice() -> Promise:
    """What to do about what stopped the log."""
    return STOPS[why_stopped()].advice


def why() -> Promise:
    """What stopped the log: a newer key, a peer that has seen more, or what this node remembers."""
    return STOPS[why_stopped()].message


class LogStoppedPage:
    """Middleware: `LogStopped` becomes a page that says so; the transaction is rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing on the way in or out."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """503 for the one exception, none of our business otherwise."""
        if isinstance(exception, LogStopped):
            return error_page(request, 503, str(STOPPED), f"{why()} {advice()}")
        return None
