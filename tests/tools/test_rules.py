"""What LTI's messages may be, and what is not taken of them."""

from __future__ import annotations

import hashlib
import hmac
import math
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from joserfc.jwk import RSAKey

from chorsu.tools.rules import LtiRefused, covers, is_tool_url, pairwise, parse_score
from chorsu.tools.tokens import new_key, public_set, sign, verified

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
GOOD = {
    "userId": "u", "scoreGiven": 7, "scoreMaximum": 8, "comment": "Well done",
    "timestamp": "2026-11-28T11:59:00.5Z", "activityProgress": "Completed",
    "gradingProgress": "FullyGraded",
}  # fmt: skip


def test_a_score_is_read_as_percent() -> None:
    found = parse_score(GOOD)
    assert (found.user, found.percent, found.comment, found.counts) == (
        "u", Decimal("87.50"), "Well done", True,
    )  # fmt: skip
    assert found.at == datetime(2026, 11, 28, 11, 59, 0, 500_000, tzinfo=UTC)


def test_more_than_the_maximum_is_all_of_it_and_no_score_takes_it_back() -> None:
    assert parse_score({**GOOD, "scoreGiven": 9}).percent == 100
    without = {key: value for key, value in GOOD.items() if key != "scoreGiven"}
    assert parse_score(without).percent is None


def test_what_is_not_fully_graded_does_not_count() -> None:
    assert not parse_score({**GOOD, "gradingProgress": "PendingManual"}).counts


@pytest.mark.parametrize(
    "change",
    [
        {"userId": ""},
        {"userId": 7},
        {"scoreGiven": "7"},
        {"scoreGiven": -1},
        {"scoreGiven": True},
        {"scoreGiven": float("nan")},
        {"scoreMaximum": 0},
        {"scoreMaximum": None},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-11-28T11:59:00"},
        {"gradingProgress": "Done"},
        {"activityProgress": None},
        {"comment": ["x"]},
    ],
)
def test_a_malformed_score_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(LtiRefused):
        parse_score({**GOOD, **change})
    with pytest.raises(LtiRefused):
        parse_score([GOOD])


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://tool.example/launch?x=1", True),
        ("http://localhost:9000/launch", True),
        ("http://127.0.0.1/launch", True),
        ("http://tool.example/launch", False),
        ("https://user@tool.example/", False),
        ("https://tool.example/#x", False),
        ("javascript:alert(1)", False),
        ("https:///launch", False),
        ("https://tool.example/ x", False),
        ("https://tool.example:99999/", False),
        ("https://tool.example/" + "x" * 500, False),
    ],
)
def test_a_tool_is_reached_by_https_or_on_this_machine(url: str, *, good: bool) -> None:
    assert is_tool_url(url) is good


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("https://tool.example/a", True),
        ("https://tool.example/a/b?c=1", True),
        ("https://tool.example/ab", False),
        ("https://tool.example.evil/a", False),
        ("http://tool.example/a", False),
        ("https://tool.example:8443/a", False),
    ],
)
def test_a_tool_covers_its_own_place_and_what_is_below_it(url: str, *, inside: bool) -> None:
    assert covers("https://tool.example/a", url) is inside
    assert covers("https://tool.example/a/", url) is inside


def test_two_tools_do_not_know_that_they_speak_of_one_person() -> None:
    first, second = pairwise(b"s", "tool-1", 7), pairwise(b"s", "tool-2", 7)
    assert first != second
    assert first == pairwise(b"s", "tool-1", 7) != pairwise(b"other", "tool-1", 7)


class TestTokens:
    pem = new_key()
    claims = {
        "iss": "client", "sub": "client", "aud": "https://node/lti/token", "jti": "1",
        "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 300,
    }  # fmt: skip

    def read(self, token: str, now: datetime = NOW) -> dict[str, object]:
        return verified(
            token, public_set(self.pem), issuer="client", audiences={"https://node/lti/token"},
            now=now,
        )  # fmt: skip

    def test_what_the_key_s_owner_signed_is_read(self) -> None:
        assert self.read(sign(self.claims, self.pem)) == self.claims

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "other"},
            {"sub": "other"},
            {"aud": "https://elsewhere/lti/token"},
            {"aud": None},
            {"jti": ""},
            {"jti": 5},
            {"jti": "1\x00"},
            {"aud": [{"url": "https://node/lti/token"}]},
            {"exp": math.nan},
            {"iat": 1.5, "exp": 10**400},
            {"iat": "now"},
            {"exp": None},
            {"iat": int(NOW.timestamp()) + 600, "exp": int(NOW.timestamp()) + 900},
            {"exp": int(NOW.timestamp()) + 90_000},
            {"exp": int(NOW.timestamp()) - 90, "iat": int(NOW.timestamp()) - 300},
        ],
    )
    def test_claims_that_do_not_hold_are_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(LtiRefused):
            self.read(sign({**self.claims, **change}, self.pem))

    def test_a_token_of_another_key_is_refused(self) -> None:
        with pytest.raises(LtiRefused):
            self.read(sign(self.claims, new_key()))

    def test_a_token_that_was_not_signed_is_refused(self) -> None:
        head, body, _signature = sign(self.claims, self.pem).split(".")
        none = "eyJhbGciOiJub25lIn0"
        for token in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}", "", "a.b.c"):
            with pytest.raises(LtiRefused):
                self.read(token)

    def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(self) -> None:
        public = RSAKey.import_key(self.pem).as_pem(private=False)
        _head, body, _signature = sign(self.claims, self.pem).split(".")
        head = urlsafe_b64encode(b'{"alg":"HS256"}').decode().rstrip("=")
        made = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
        forged = f"{head}.{body}.{urlsafe_b64encode(made).decode().rstrip('=')}"
        with pytest.raises(LtiRefused):
            self.read(forged)

    def test_an_old_token_is_refused_though_it_was_good(self) -> None:
        with pytest.raises(LtiRefused):
            self.read(sign(self.claims, self.pem), NOW + timedelta(seconds=400))
