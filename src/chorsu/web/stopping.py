"""What a person is told who would publish while the node's log is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chorsu.exchange.actions import LogStopped
from chorsu.exchange.witnesses import is_cosigned, key_replaced, stopped, stopped_by
from chorsu.web.errors import error_page
from chorsu.wire.succession import Succession

TITLE: Promise = _("Publishing is stopped")
WHY: Promise = _(
    "A peer has seen entries of this node's log that are not here. This node was set back to an "
    "old copy, or another one runs under its name and key. So that nobody is shown two histories, "
    "nothing more is published."
)
WHY_SIGNED: Promise = _(
    "This node has signed more entries of its log than its database holds: the database was set "
    "back to an old copy. So that nobody is shown two histories, nothing more is published."
)
WHY_KEY: Promise = _(
    "The key of this node was replaced by a newer one: a peer has shown this, signed by the very "
    "key that lies here. The node was put back with an old copy of its keys, or somebody else has "
    "them. So that nobody is shown two histories, nothing more is published."
)
ADVICE_KEY: Promise = _(
    "An administrator puts the newest copy of the folder data/keys in place; publishing then goes "
    "on by itself. If nobody here changed the key, somebody else did: speak with the "
    "administrators of the peers by telephone, and change the key here, saying that it may be in "
    "other hands."
)
ADVICE: Promise = _(
    "An administrator restores the newest backup of the database, has the entries after it brought "
    "back from the peers, and makes sure that only one node runs. Drafts can be written and are "
    "kept."
)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing is published, and what to do; `replaced`: how the key was, if it is that."""

    title: Promise
    why: Promise
    advice: Promise
    replaced: Succession | None


def stop() -> Stop | None:
    """The stop of the log in words, or None while it goes on."""
    return Stop(TITLE, why(), advice(), key_replaced()) if stopped() else None


def advice() -> Promise:
    """What to do about what stopped the log."""
    return ADVICE_KEY if key_replaced() else ADVICE


def why() -> Promise:
    """What stopped the log: a newer key, a peer that has seen more, or what this node remembers."""
    if key_replaced():
        return WHY_KEY
    return WHY if is_cosigned(stopped_by()) else WHY_SIGNED


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
            return error_page(request, 503, str(TITLE), f"{why()} {advice()}")
        return None
