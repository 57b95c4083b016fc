"""A foreign learning system on a port of its own: its keys, its access tokens, its gradebook."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.serving import make_server

from chorsu.tools.keys import own_set
from chorsu.tools.rules import AGS, CLAIM, LINE_ITEMS, SCORE
from chorsu.tools.tokens import new_key, public_set, sign

CLIENT, DEPLOYMENT = "chorsu-at-moodle", "deployment-1"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@cache
def its_key() -> str:
    return new_key()


@dataclass
class LearningSystem:
    """Where it is, and what was told to it."""

    url: str
    tool: str
    pem: str = field(default_factory=its_key)
    scores: list[dict[str, object]] = field(default_factory=list)
    tokens_given: int = 0
    token_lasts: object = 3600
    """For how many seconds it says that an access token is good."""
    answer: int = 200
    """With which the gradebook answers a score."""
    columns: list[dict[str, object]] = field(default_factory=list)
    """Those that the node has made."""
    column_host: str = ""
    """Where it says that a new column is; empty: here."""

    @property
    def line_item(self) -> str:
        return f"{self.url}/course/2/lineitem?type_id=1"

    def claims(self, nonce: str, now: datetime, /, **change: object) -> dict[str, object]:
        """Of a launch by a learner, with a line in the gradebook; `change` by short names."""
        at = int(now.timestamp())
        found: dict[str, object] = {
            "iss": self.url, "aud": CLIENT, "sub": "17", "iat": at, "exp": at + 60,
            "nonce": nonce, "name": "Айгүл Асанова", "email": "aigul@moodle.example",
            "message_type": "LtiResourceLinkRequest", "version": "1.3.0",
            "deployment_id": DEPLOYMENT, "roles": [LEARNER], "resource_link": {"id": "5"},
            "launch_presentation": {"locale": "ky-KG", "document_target": "window"},
            "endpoint": {"scope": [SCORE], "lineitem": self.line_item},
            **change,
        }  # fmt: skip
        short = {
            "message_type", "version", "deployment_id", "roles", "resource_link",
            "launch_presentation", "target_link_uri",
        }  # fmt: skip
        named = {f"{CLAIM}{key}" if key in short else key: val for key, val in found.items()}
        named[f"{AGS}claim/endpoint"] = named.pop("endpoint")
        return {key: value for key, value in named.items() if value is not None}

    def signed(self, claims: dict[str, object]) -> str:
        return sign(claims, self.pem)


@contextmanager
def learning_system(tool: str) -> Iterator[LearningSystem]:
    """It runs; `tool` is the node whose token requests it takes."""
    app = Flask("learning-system")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    one = LearningSystem(f"http://127.0.0.1:{server.server_port}", tool)
    access: set[str] = set()
    scopes: dict[str, str] = {}

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify(public_set(one.pem))

    @app.post("/token")
    def token() -> object:
        told = jwt.decode(
            request.form["client_assertion"],
            KeySet.import_key_set(own_set()),  # type: ignore[arg-type]
            algorithms=["RS256"],
        ).claims
        fine = (told["iss"], told["sub"], told["aud"]) == (CLIENT, CLIENT, f"{one.url}/token")
        if not fine or request.form["scope"] not in (SCORE, LINE_ITEMS):
            return jsonify({"error": "invalid_client"}), 401
        made = uuid.uuid4().hex
        access.add(made)
        scopes[made] = request.form["scope"]
        one.tokens_given += 1
        lasts = one.token_lasts
        return jsonify({"access_token": made, "token_type": "Bearer", "expires_in": lasts})

    @app.post("/course/2/lineitem/scores")
    def scores() -> Response:
        if request.headers["Authorization"].removeprefix("Bearer ") not in access:
            return Response(status=401)
        if one.answer == 200:
            assert request.args["type_id"] in ("1", "2")
            assert request.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
            one.scores.append(request.get_json(force=True))
        return Response(status=one.answer)

    @app.route("/course/2/lineitems", methods=["GET", "POST"])
    def line_items() -> object:
        if scopes.get(request.headers["Authorization"].removeprefix("Bearer ")) != LINE_ITEMS:
            return Response(status=401)
        if request.method == "POST":
            assert request.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
            number = len(one.columns) + 2
            address = f"{one.column_host or one.url}/course/2/lineitem?type_id={number}"
            one.columns.append({**request.get_json(force=True), "id": address})
            return jsonify(one.columns[-1]), 201
        asked = request.args.get("resource_id")
        return jsonify([row for row in one.columns if row.get("resourceId") == asked])

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class HangingUp:
    """An address at which every call is ended without a word, and how many there were."""

    url: str
    calls: int = 0


@contextmanager
def hanging_up() -> Iterator[HangingUp]:
    """It listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = HangingUp(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            while True:
                try:
                    line, _whose = listening.accept()
                except OSError:
                    return
                one.calls += 1
                line.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield one
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
