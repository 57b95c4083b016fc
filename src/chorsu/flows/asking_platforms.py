"""Asking the services of a learning system whose tool this node is (LTI Advantage).

For each scope an access token is asked for with a signed token of the node's, and kept. Addresses
come from outside: the connection goes to the address that was checked, see `exchange.client`.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.core.cache import cache

from chorsu.exchange import keys as exchange_keys
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.tools.actions.platforms import digest
from chorsu.tools.claims import PlatformView, token_claims
from chorsu.tools.keys import own_pem
from chorsu.tools.rules import ASSERTION
from chorsu.tools.tokens import sign

logger = logging.getLogger(__name__)
MAX_ANSWER = 64 * 1024
MAX_LIST = 1024 * 1024
FORM = "application/x-www-form-urlencoded"
TOKEN_LEFT_S = 60
"""Before its end a token is not used any more."""
TOKEN_KEPT_S = 3600
"""The longest for which one is used, however long it is said to last."""
SILENT_S = 60
"""For which an address where nobody answers is not asked again."""
UNANSWERED = ("timeout", "unreachable")


class NoAnswer(Exception):  # noqa: N818 - says what is wrong
    """A learning system has not answered, or not with yes; `code` says why.

    `status` is of its answer to the question itself; 0 if it was not asked or gave none.
    """

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def post(
    platform: PlatformView, url: str, body: bytes, *, scope: str, content_type: str, now: datetime
) -> bytes:
    """The answer to a POST with an access token of this scope. Raises `NoAnswer`."""

    def ask(client: PeerClient, query: str, token: str) -> bytes:
        heads = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
        return client.send(query, body, headers=heads, max_bytes=MAX_ANSWER)

    return _asked(platform, url, scope, ask, now)


def get(platform: PlatformView, url: str, *, scope: str, accept: str, now: datetime) -> bytes:
    """The answer to a GET with an access token of this scope. Raises `NoAnswer`."""

    def ask(client: PeerClient, query: str, token: str) -> bytes:
        heads = {"Authorization": f"Bearer {token}", "Accept": accept}
        return client.get(query, headers=heads, max_bytes=MAX_LIST)

    return _asked(platform, url, scope, ask, now)


def _asked(
    platform: PlatformView,
    url: str,
    scope: str,
    ask: Callable[[PeerClient, str, str], bytes],
    now: datetime,
) -> bytes:
    # A platform may call this node what it likes; a name in the cache has no spaces and is short.
    name = f"lti-access-{platform.id}-{digest(f'{platform.client_id} {scope}')}"
    token = cache.get(name)
    if token is None:
        token, lasts = _access(platform, scope, now)
        cache.set(name, token, lasts)
    try:
        return _talk(url, lambda client, query: ask(client, query, token))
    except PeerTrouble as trouble:
        if trouble.code not in UNANSWERED:
            # It may be the token that is no longer good: the next try asks for another.
            cache.delete(name)
        code = _code(platform, trouble, trouble.code)
        raise NoAnswer(code, trouble.status) from trouble


def _access(platform: PlatformView, scope: str, now: datetime) -> tuple[str, int]:
    """An access token and for how many seconds it is used. Raises `NoAnswer`."""
    claims = token_claims(platform, token_id=secrets.token_urlsafe(24), now=now)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": sign(claims, own_pem()),
        "scope": scope,
    }
    body = urlencode(form).encode("ascii")
    heads = {"Content-Type": FORM, "Accept": "application/json"}

    def ask(client: PeerClient, query: str) -> bytes:
        return client.send(query, body, headers=heads, max_bytes=MAX_ANSWER)

    try:
        found = json.loads(_talk(platform.token_url, ask))
    except PeerTrouble as trouble:
        raise NoAnswer(_code(platform, trouble, "no-access")) from trouble
    except (ValueError, RecursionError) as error:
        raise NoAnswer("no-access") from error
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise NoAnswer("no-access")
    lasts = found.get("expires_in")
    return token, min(max(0, lasts - TOKEN_LEFT_S), TOKEN_KEPT_S) if isinstance(lasts, int) else 0


def _code(platform: PlatformView, trouble: PeerTrouble, code: str) -> str:
    # Without the address that was asked: a log is read by more people than the database.
    logger.warning("%s has not answered: %s", platform.issuer, trouble.code)
    reached = trouble.code not in ("timeout", "unreachable", "private-address")
    return code if reached else trouble.code


def _talk(url: str, ask: Callable[[PeerClient, str], bytes]) -> bytes:
    """A server that does not answer holds one question up, and not each that is to go there: else
    those for other learning systems would wait behind them.
    """
    base, mark, query = url.partition("?")
    silent = f"lti-silent-{digest(urlsplit(url).netloc)}"
    code = cache.get(silent)
    if code is not None:
        raise PeerTrouble(code, "asked a moment ago")
    try:
        with PeerClient(base, key=exchange_keys.signing_key()) as client:
            return ask(client, f"{mark}{query}")
    except PeerTrouble as trouble:
        if trouble.code in UNANSWERED:
            cache.set(silent, trouble.code, SILENT_S)
        raise
