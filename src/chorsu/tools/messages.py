"""Whether a learning system's message is believed: `pylti1p3` checks it, and this what is left.

In order: (1) three parts, JSON; (2) the nonce is the one this node gave; (3) issuer and client;
(4) the signature, by a key of the system's own set, RS256 and nothing else; (5) not expired, not
from the future, not made long ago; (6) the audience is this node, and so is the authorised party,
which must be named where there are other audiences; (7) the deployment is registered; (8) version
and kind of message, with what that kind must have. No I/O: the keys are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from jwcrypto.common import JWException
from jwt import PyJWTError
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration, TKeySet
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from chorsu.tools.claims import DEEP_LINK, RESOURCE, PlatformView
from chorsu.tools.rules import CLAIM, LtiRefused
from chorsu.tools.tokens import ALGORITHMS, LONGEST_S, MAX_TOKEN, SKEW_S, is_time

# The library takes for granted that a message has the shape it should have, before its signature
# is looked at, and that the keys of a set are keys; what it reads them with has errors of its own.
_NOT_BELIEVED = (
    LtiException, PyJWTError, JWException, AttributeError, TypeError, LookupError, ValueError,
    RecursionError,
)  # fmt: skip


class _NoCookies(CookieService):
    """The browser's own proof is looked at by `flows.arriving`, a request later."""

    def get_cookie(self, name: str) -> str | None:
        return None

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        return None


class _Posted(Request):
    """The form as it was posted, of which the token is all that the library is to see."""

    def __init__(self, token: str) -> None:
        self._token = token

    @property
    def session(self) -> object:
        raise NotImplementedError

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._token if key == "id_token" else ""


class _OneNonce(SessionService):
    """Knows the one nonce that belongs to the message's state."""

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce

    def check_nonce(self, nonce: str) -> bool:
        return nonce == self._nonce


class _OneSystem(ToolConfAbstract[Request]):
    """Knows the one learning system whose state came with the message."""

    def __init__(self, platform: PlatformView, keys: Mapping[str, object]) -> None:
        super().__init__()
        self._platform, self._keys = platform, cast("TKeySet", keys)

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def find_registration_by_params(
        self, iss: str, client_id: str, *_args: object, **_named: object
    ) -> Registration:
        known = Registration().set_client_id(self._platform.client_id).set_key_set(self._keys)
        if iss != self._platform.issuer or client_id != self._platform.client_id:
            raise LtiException("iss or aud")
        return known.set_issuer(iss)

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *_args: object, **_named: object
    ) -> Deployment | None:
        known = deployment_id in self._platform.deployments
        return Deployment().set_deployment_id(deployment_id) if known else None

    def find_registration_by_issuer(
        self, iss: str, *_args: object, **_named: object
    ) -> Registration:
        """The library's older way, not gone here."""
        raise NotImplementedError

    def find_deployment(self, iss: str, deployment_id: str) -> Deployment | None:
        """The library's older way, not gone here."""
        raise NotImplementedError


class _Message(MessageLaunch[_Posted, _OneSystem, _OneNonce, _NoCookies]):
    def __init__(self, token: str, system: _OneSystem, nonce: str) -> None:
        super().__init__(_Posted(token), system, _OneNonce(nonce), _NoCookies())
        self.set_auto_validation(enable=False)
        # Times are held against `now` below, and the audience more strictly than here.
        names = ("verify_aud", "verify_exp", "verify_iat", "verify_nbf")
        self.set_jwt_verify_options(dict.fromkeys(names, False))

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)

    def claims(self) -> dict[str, object]:
        self.validate_jwt_format().validate_nonce().validate_registration()
        if self._jwt["header"].get("alg") not in ALGORITHMS:
            raise LtiException("alg")
        self.validate_jwt_signature().validate_deployment().validate_message()
        return dict(self._get_jwt_body())


def read_message(
    token: str,
    platform: PlatformView,
    keys: Mapping[str, object],
    *,
    nonce: str,
    now: datetime,
) -> dict[str, object]:
    """The claims of a learning system's message; `keys` is its JWK Set. Raises `LtiRefused`."""
    if len(token) > MAX_TOKEN:
        raise LtiRefused("invalid_request", "a token of more than 16,000 characters")
    try:
        claims = _Message(token, _OneSystem(platform, keys), nonce).claims()
    except _NOT_BELIEVED as error:
        raise LtiRefused("invalid_request", f"id_token: {error}") from error
    # The library also knows messages that open nothing here: to review work, to look at data.
    if claims.get(f"{CLAIM}message_type") not in (RESOURCE, DEEP_LINK):
        raise LtiRefused("invalid_request", "message_type")
    _check_times(claims, now)
    node, party = platform.client_id, claims.get("azp")
    alone = claims.get("aud") in (node, [node])
    if party != node and not (alone and party is None):
        raise LtiRefused("invalid_request", "azp")
    return claims


def _check_times(claims: Mapping[str, object], now: datetime) -> None:
    at, until, here = claims.get("iat"), claims.get("exp"), now.timestamp()
    if not is_time(at) or not is_time(until):
        raise LtiRefused("invalid_request", "iat or exp")
    if at > here + SKEW_S or until < here - SKEW_S or here - at > LONGEST_S:
        raise LtiRefused("invalid_request", "id_token: too old or too early")
