"""What guests may not open: the pages on which people of this node keep their own ways in."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

FOR_GUESTS = frozenset(("account_login", "account_logout", "account_inactive"))
"""allauth's pages that a guest may open; a password, an address or a passkey would make them
somebody of this node.
"""


class GuestsOnlyLearn(MiddlewareMixin):
    """Refuses a guest every page of allauth but signing out."""

    def process_view(
        self,
        request: HttpRequest,
        _view: Callable[..., HttpResponseBase],
        _arguments: tuple[object, ...],
        _named: dict[str, object],
    ) -> None:
        """Raise `PermissionDenied`; who asks is looked up for those pages alone."""
        match = request.resolver_match
        name = (match.url_name or "") if match is not None else ""
        if not name.startswith(("account_", "mfa_")) or name in FOR_GUESTS:
            return
        if getattr(request.user, "is_guest", False):
            raise PermissionDenied
