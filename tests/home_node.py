"""A home academy in memory: signs its people in over real HTTP, honestly or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from chorsu.wire.identity import (
    FORGET_PATH,
    KEYS_PATH,
    TOKEN_PATH,
    Forgotten,
    challenge,
    parse_forget,
    sign_keys,
)
from chorsu.wire.results import RESULTS_PATH
from chorsu.wire.transcript import (
    AT_ONCE,
    TRANSCRIPT_PATH,
    Line,
    Question,
    Transcript,
    parse_question,
)
from tests.memory_node import MemoryNode
from tests.memory_server import Response

SUBJECT = "a-person-of-this-home"


class HomeNode(MemoryNode):
    """Gives out codes and ID tokens; `claims` are laid over those of an honest token.

    As a teaching node it forgets whom it is asked to; `forgotten` spoils what it says of it.
    `results` answers who asks for certificates. `courses` are reported of everybody, in portions;
    None: a node of older software, which knows nothing of transcripts. `report` makes the answer
    otherwise.
    """

    def __init__(self, name: str, *, institutions: tuple[str, ...] = ()) -> None:
        super().__init__(name, institutions=institutions)
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with = self.rsa
        self.vouches_with = self.key
        self.claims: dict[str, object] = {"sub": SUBJECT}
        self.header: dict[str, object] = {}
        self.algorithm = "RS256"
        self.questions: dict[str, dict[str, str]] = {}
        self.asked_to_forget: list[str] = []
        self.forgotten: dict[str, object] = {}
        self.results: Callable[[bytes], bytes] | None = None
        self.courses: list[Line] | None = None
        self.report: Callable[[Question], bytes] = self.portion
        self.asked_for_transcripts: list[Question] = []

    def allow(self, location: str) -> dict[str, str]:
        """The person says yes to the question at this address; what they carry back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.questions)}"
        self.questions[code] = asked
        return {"code": code, "state": asked["state"]}

    def _route(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        if path == TOKEN_PATH:
            return self._token(path, headers, body)
        if path == KEYS_PATH:
            public = {"kid": "one", **RSAAlgorithm.to_jwk(self.rsa.public_key(), as_dict=True)}
            return 200, {}, sign_keys({"keys": [public]}, self.vouches_with)
        if path == FORGET_PATH:
            self._signer(method, path, headers, body)
            self.asked_to_forget.append(parse_forget(body))
            said: dict[str, object] = {
                "home": "hub.chorsu.example",
                "subject": self.asked_to_forget[-1],
                "rows": 3,
                "time": self.now(),
            } | self.forgotten
            return 200, {}, Forgotten(**said).to_bytes(self.vouches_with)  # type: ignore[arg-type]
        if path == RESULTS_PATH and self.results is not None:
            self._signer(method, path, headers, body)
            return 200, {}, self.results(body)
        if path == TRANSCRIPT_PATH and self.courses is not None:
            self._signer(method, path, headers, body)
            self.asked_for_transcripts.append(parse_question(body))
            return 200, {}, self.report(self.asked_for_transcripts[-1])
        return super()._route(method, path, headers, body)

    def portion(self, question: Question) -> bytes:
        """The honest answer."""
        rest = sorted(self.courses or (), key=lambda one: one.id)
        lines = tuple(one for one in rest if one.id > question.after)[:AT_ONCE]
        return Transcript("hub.chorsu.example", question, self.now(), lines).to_bytes(self.key)

    def _token(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        asker = self._signer("POST", path, headers, body).name
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        asked = self.questions.pop(given["code"], None)
        if asked is None or challenge(given["code_verifier"]) != asked["code_challenge"]:
            return 400, {}, b'{"code":"identity-token"}'
        moment = int(self.now().timestamp())
        claims = {
            "iss": self.address,
            "aud": asker,
            "nonce": asked["nonce"],
            "iat": moment,
            "exp": moment + 60,
        } | self.claims
        key = self.signs_with if self.algorithm != "none" else None
        token = jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            key,  # type: ignore[arg-type]
            algorithm=self.algorithm,
            headers={"kid": "one", **self.header},
        )
        return 200, {}, json.dumps({"id_token": token, "token_type": "Bearer"}).encode()


def later(moment: datetime, seconds: int) -> int:
    """Seconds since 1970 of a moment that comes so much later."""
    return int(moment.timestamp()) + seconds
