"""Signing in at another node: out to the home academy with a question, back with its answer.

The teaching node's part is `depart` and `arrive`, the home node's `told_keys`; between them stands
the home's page on which the person agrees (`web.across.consent`).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings

from chorsu.exchange import keys, queries
from chorsu.exchange.client import PeerClient
from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.models import Person
from chorsu.wire.envelope import Json
from chorsu.wire.identity import (
    ALLOW_PATH,
    CLAIMS,
    KEYS_PATH,
    MAX_TOKEN_BYTES,
    RETURN_PATH,
    TOKEN_PATH,
    Identity,
    challenge,
    open_keys,
    parse_token_answer,
    read_id_token,
    sign_keys,
)
from chorsu.wire.note import MAX_NOTE_BYTES

ON_THE_WAY = timedelta(minutes=10)
FORM = "application/x-www-form-urlencoded"


class SignInRefused(Exception):  # noqa: N818 - says what is wrong
    """Nobody was signed in. `code`: `not-a-peer`, `denied`, `not-ours` or `too-late`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what its session keeps until it is back."""

    url: str
    kept: dict[str, str]


def homes() -> dict[str, str]:
    """The nodes whose people may sign in here: name -> address, those the network reaches."""
    return dict(queries.peers_by_network())


def return_address(*, teaching: str, home: str) -> str:
    """The one address to which `home` sends people back: one for each home, so that none can pass
    its answer off as another's.
    """
    return f"{teaching}{RETURN_PATH}/{home}"


def depart(*, home: str, onward: str, now: datetime) -> Departure:
    """Send somebody to their home; `onward` is the path where they want to be afterwards.

    Raises `SignInRefused`.
    """
    address = homes().get(home)
    if address is None:
        raise SignInRefused("not-a-peer")
    kept = {
        "home": home,
        "onward": onward,
        "at": now.isoformat(),
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }
    asked = {
        "response_type": "code",
        "client_id": settings.NODE_NAME,
        "redirect_uri": return_address(teaching=settings.NODE_ADDRESS, home=home),
        "scope": " ".join(("openid", *CLAIMS)),
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": challenge(kept["verifier"]),
        "code_challenge_method": "S256",
    }
    return Departure(f"{address}{ALLOW_PATH}?{urlencode(asked)}", kept)


def arrive(
    *, kept: Mapping[str, str], home: str, answer: Mapping[str, str], now: datetime
) -> Person:
    """Take in the person who came back from `home` with this answer; `kept` is used once.

    Raises `SignInRefused`, `PeerTrouble`, `WireError`, `GuestForgotten`, `GuestShutOut`.
    """
    if kept.get("home") != home:
        raise SignInRefused("not-ours")
    if not hmac.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise SignInRefused("not-ours")
    if now - datetime.fromisoformat(kept["at"]) > ON_THE_WAY:
        raise SignInRefused("too-late")
    if "code" not in answer:
        raise SignInRefused("denied")
    identity = _redeem(kept, answer["code"], now)
    return welcome_guest(node=home, identity=identity, now=now)


def _redeem(kept: Mapping[str, str], code: str, now: datetime) -> Identity:
    """Who it is, asked of the home over the signed channel between peers."""
    home = kept["home"]
    address, key = homes().get(home), queries.peer_key(home)
    if address is None or key is None:
        raise SignInRefused("not-a-peer")
    asked = {
        "grant_type": "authorization_code",
        "client_id": settings.NODE_NAME,
        "redirect_uri": return_address(teaching=settings.NODE_ADDRESS, home=home),
        "code": code,
        "code_verifier": kept["verifier"],
    }
    body = urlencode(asked).encode("ascii")
    with PeerClient(address, key=keys.signing_key()) as client:
        token = client.ask(TOKEN_PATH, body, max_bytes=MAX_TOKEN_BYTES, media_type=FORM)
        note = client.get(KEYS_PATH, max_bytes=MAX_NOTE_BYTES)
    return read_id_token(
        parse_token_answer(token),
        open_keys(note, key),
        issuer=address,
        audience=settings.NODE_NAME,
        nonce=kept["nonce"],
        now=now,
    )


def told_keys(jwks: Mapping[str, Json]) -> bytes:
    """The public keys of this node's ID tokens, vouched for by its own key."""
    return sign_keys(jwks, keys.signing_key())
