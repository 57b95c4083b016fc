"""Public keys of tools and learning systems: fetched with care, kept for a while."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from django.core import signing
from django.core.cache import cache

from chorsu.exchange import keys as exchange_keys
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.tools.rules import LtiRefused

logger = logging.getLogger(__name__)
KEPT_S = 600
ANEW_S = 60
"""After which a message that no key fits has the keys fetched anew."""
MAX_BYTES = 64 * 1024
T = TypeVar("T")


def checked_by_keys(
    url: str, check: Callable[[Mapping[str, object]], T], *, code: str, now: datetime
) -> T:
    """What `check` says, given the JWK Set at an address; it raises `LtiRefused`.

    Refused with `code` where there is no set. Their owner may have changed a key since they were
    fetched: then `check` is asked once more with what is there now.
    """
    keys, fetched_at = _keys_at(url, code, now)
    try:
        return check(keys)
    except LtiRefused:
        if now.timestamp() - fetched_at < ANEW_S:
            raise
    keys, _at = _keys_at(url, code, now, anew=True)
    return check(keys)


def _keys_at(
    url: str, code: str, now: datetime, *, anew: bool = False
) -> tuple[Mapping[str, object], float]:
    """The keys and when they were fetched (seconds since 1970)."""
    name = f"lti-keys-{signing.Signer(salt='chorsu.lti.keys').signature(url)[:40]}"
    kept: tuple[Mapping[str, object], float] | None = None if anew else cache.get(name)
    if kept is not None:
        return kept
    # A server that does not answer holds one request up and not each that names it.
    failed = f"{name}-failed"
    trouble = cache.get(failed)
    if trouble is not None:
        raise LtiRefused(code, trouble)
    try:
        found = _fetched(url)
    except (PeerTrouble, ValueError, RecursionError) as error:
        # Anybody can have them asked for: where names lead inside is for the log alone.
        logger.warning("no keys at %s: %s", url, error)
        detail = f"keys: {error.code if isinstance(error, PeerTrouble) else 'no JWK Set'}"
        cache.set(failed, detail, ANEW_S)
        raise LtiRefused(code, detail) from error
    cache.set(name, (found, now.timestamp()), KEPT_S)
    return found, now.timestamp()


def _fetched(url: str) -> Mapping[str, object]:
    base, mark, query = url.partition("?")
    # The connection goes to the address that was checked: see `exchange.client`.
    with PeerClient(base, key=exchange_keys.signing_key()) as client:
        found = json.loads(client.get(f"{mark}{query}", max_bytes=MAX_BYTES))
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError("no JWK Set")
    return found


def claimed_issuer(token: str, code: str) -> str:
    """Who a token says that it is from, before anything of it is believed.

    Refused with `code` if it is no token.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > MAX_BYTES:
        raise LtiRefused(code, "no token")
    try:
        claims = json.loads(signing.b64_decode(parts[1].encode()))
    except (ValueError, UnicodeError, RecursionError) as error:
        raise LtiRefused(code, "no token") from error
    return str(claims.get("iss", "")) if isinstance(claims, dict) else ""
