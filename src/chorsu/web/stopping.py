"""What a person is told who would publish while the node's log is stopped."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chorsu.exchange.actions import LogStopped
from chorsu.exchange.witnesses import is_cosigned, stopped_by
from chorsu.web.errors import error_page

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
ADVICE: Promise = _(
    "An administrator restores the newest backup of the database, has the entries after it brought "
    "back from the peers, and makes sure that only one node runs. Drafts can be written and are "
    "kept."
)


def why() -> Promise:
    """What stopped the log: a peer that has seen more, or what this node itself remembers."""
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
            return error_page(request, 503, str(TITLE), f"{why()} {ADVICE}")
        return None
