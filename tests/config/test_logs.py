"""What stands in a log is nothing that lets anybody in."""

from __future__ import annotations

import logging
from io import StringIO

import pytest
from django.conf import settings
from django.test import Client

from chorsu.config.logs import HideLinks


@pytest.mark.parametrize(
    ("line", "arguments", "kept"),
    [
        ("Bad Request: %s", ("/tk/invitation/s3cret-t0ken/",), "Bad Request: /tk/invitation/…/"),
        ("%s %s", ("GET", "/kk/account/password/reset/key/7-s3cret/"), "/reset/key/…/"),
        ("Not Found: %s", ("/uz/account/confirm-email/s3cret:1x/",), "/confirm-email/…/"),
        ("Not Found: %s", ("/uz/search/saved/stop/7-s3cret/",), "/search/saved/stop/…/"),
        ("%s", ("/uz/search/saved/feed/7-s3cret.atom",), "/search/saved/feed/…"),
        (
            "Internal Server Error: %s",
            ("/kk/training/calendar/p7-s3cret.ics",),
            "/training/calendar/…",
        ),
        ("Not Found: %s", ("/tk/learning/cards/stop/7-s3cret/",), "/learning/cards/stop/…/"),
        ("Not Found: %s", ("/tk/practices/1/",), "Not Found: /tk/practices/1/"),
    ],
)
def test_links_that_let_in_are_hidden(line: str, arguments: tuple[str, ...], kept: str) -> None:
    record = logging.LogRecord("django", logging.WARNING, "", 0, line, arguments, None)
    assert HideLinks().filter(record)
    assert kept in record.getMessage()
    assert "s3cret" not in record.getMessage()


@pytest.mark.django_db
def test_a_refused_link_is_not_in_what_the_node_logs() -> None:
    (console,) = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler)
        and any(isinstance(one, HideLinks) for one in handler.filters)
    ]
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    said, before = StringIO(), console.stream
    console.setStream(said)
    try:
        Client().get("/tk/invitation/s3cret-t0ken/")
    finally:
        console.setStream(before)
    assert "Not Found: /tk/invitation/…/" in said.getvalue()
