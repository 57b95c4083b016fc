"""An external tool on a port of its own, written with pylti1p3 as its users write theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from flask import Flask, Response, jsonify
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.exception import LtiException
from pylti1p3.grade import Grade
from pylti1p3.tool_config import ToolConfDict
from werkzeug.serving import make_server

from chorsu.tools.claims import DL
from chorsu.tools.rules import CLAIM
from chorsu.tools.tokens import new_key, public_set, sign


@cache
def _one_key() -> str:
    return new_key()


@dataclass
class RunningTool:
    """The tool: where it is, its keys, and what it was told at each launch."""

    url: str
    pem: str = field(default_factory=_one_key)
    conf: ToolConfDict | None = None
    launches: list[FlaskMessageLaunch] = field(default_factory=list)
    keys_asked: int = 0
    keys_answer: bool = True

    def trust(self, node: str, client_id: str, deployment: str) -> None:
        """Be registered at a node: what its page tells the tool's makers."""
        conf = {
            "default": True,
            "client_id": client_id,
            "auth_login_url": f"{node}/lti/authorize",
            "auth_token_url": f"{node}/lti/token",
            "auth_audience": None,
            "key_set_url": f"{node}/lti/keys",
            "deployment_ids": [deployment],
        }
        self.conf = ToolConfDict({node: conf})
        self.conf.set_private_key(node, self.pem, client_id=client_id)

    def answer(self, launch: FlaskMessageLaunch, *items: object, **change: object) -> str:
        """What it answers when it was asked to choose: as pylti1p3 writes it, then changed; an
        item is a resource of pylti1p3 or a mapping. Claims are named in short.
        """
        asked = launch.get_deep_link()
        claims = asked.get_message_jwt([])
        found = [one if isinstance(one, Mapping) else one.to_dict() for one in items]  # type: ignore[attr-defined]
        claims[f"{DL}content_items"] = found
        for name, value in change.items():
            prefix = DL if name in ("data", "content_items", "msg", "errormsg") else CLAIM
            known = name in ("iss", "aud", "exp", "iat", "nonce", "azp")
            claims[name if known else f"{prefix}{name}"] = value
        return sign({key: one for key, one in claims.items() if one is not None}, self.pem)

    def grade(self, launch: FlaskMessageLaunch, given: float, most: float, at: datetime) -> object:
        """Give the learner of a launch a score."""
        one = Grade()
        one.set_score_given(given).set_score_maximum(most).set_timestamp(at.isoformat())
        one.set_activity_progress("Completed").set_grading_progress("FullyGraded")
        one.set_user_id(launch.get_launch_data()["sub"])
        return launch.get_ags().put_grade(one)


@contextmanager
def running_tool() -> Iterator[RunningTool]:
    """The tool while it runs."""
    app = Flask("tool")
    app.secret_key = "a tool's secret"
    server = make_server("127.0.0.1", 0, app, threaded=True)
    tool = RunningTool(f"http://127.0.0.1:{server.server_port}")

    @app.get("/jwks")
    def jwks() -> Response:
        tool.keys_asked += 1
        if not tool.keys_answer:
            return Response(status=503)
        return jsonify(public_set(tool.pem))

    @app.get("/login")
    def login() -> object:
        asked = FlaskRequest()
        # One address takes every launch, as with most tools; what is opened stands in the message.
        return FlaskOIDCLogin(asked, tool.conf).redirect(f"{tool.url}/launch")

    @app.post("/launch")
    def launch() -> object:
        found = FlaskMessageLaunch(FlaskRequest(), tool.conf)
        try:
            data: Mapping[str, object] = found.get_launch_data()
        except LtiException as error:
            return jsonify({"refused": str(error)}), 400
        tool.launches.append(found)
        return jsonify(data)

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tool
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
