"""A foreign OAI-PMH repository in memory, served over real HTTP; honest until told otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

Reply = tuple[int, dict[str, str], bytes]
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">{}</oai_dc:dc>'
)
TIME = "2026-11-24T12:00:00Z"


def envelope(body: str) -> bytes:
    """An answer around a body."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{TIME}</responseDate><request>x</request>{body}</OAI-PMH>"
    ).encode()


def error(code: str) -> bytes:
    """An error of the protocol."""
    return envelope(f'<error code="{code}">no</error>')


def dublin_core(title: str, *, language: str = "ru", more: str = "") -> str:
    """A small record in one language."""
    return (
        f'<dc:title xml:lang="{language}">{escape(title)}</dc:title>'
        f"<dc:language>{language}</dc:language>{more}"
    )


@dataclass
class Foreign:
    """One record of the repository; `metadata` None: deleted."""

    identifier: str
    datestamp: str
    metadata: str | None

    def xml(self) -> str:
        """As a list gives it."""
        status = ' status="deleted"' if self.metadata is None else ""
        header = (
            f"<header{status}><identifier>{escape(self.identifier)}</identifier>"
            f"<datestamp>{self.datestamp}</datestamp></header>"
        )
        whole = "" if self.metadata is None else f"<metadata>{DC.format(self.metadata)}</metadata>"
        return f"<record>{header}{whole}</record>"


@dataclass
class ForeignRepository:
    """`records` are served in their order, `page` at a time; `answer` replaces what is honest."""

    records: list[Foreign] = field(default_factory=list)
    page: int = 2
    deleted: str = "persistent"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    forgotten: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[dict[str, str]], Reply | None] = lambda _: None
    address: str = ""

    def add(self, name: str, title: str, datestamp: str, **more: str) -> None:
        """A record of this title."""
        self.records.append(Foreign(name, datestamp, dublin_core(title, **more)))

    def respond(self, query: str) -> Reply:
        """Answer one request."""
        asked = dict(parse_qsl(query))
        self.asked.append(asked)
        special = self.answer(asked)
        return special or (200, {"Content-Type": "text/xml"}, self._honest(asked))

    def _honest(self, asked: dict[str, str]) -> bytes:
        if asked.get("verb") == "Identify":
            return envelope(
                "<Identify><repositoryName>Library of Ош &amp; more</repositoryName>"
                f"<baseURL>{self.address}</baseURL><protocolVersion>2.0</protocolVersion>"
                "<adminEmail>library@osh.example</adminEmail>"
                "<earliestDatestamp>2020-01-01</earliestDatestamp>"
                f"<deletedRecord>{self.deleted}</deletedRecord>"
                f"<granularity>{self.granularity}</granularity></Identify>"
            )
        token = asked.get("resumptionToken", "")
        if token in self.forgotten:
            self.forgotten.discard(token)
            return error("badResumptionToken")
        since, _, start = token.partition("|") if token else (asked.get("from", ""), "", "0")
        found = [one for one in self.records if one.datestamp >= since]
        if not found:
            return error("noRecordsMatch")
        begin = int(start)
        page = found[begin : begin + self.page]
        more = begin + self.page < len(found)
        following = f"{since}|{begin + self.page}" if more else ""
        return envelope(
            "<ListRecords>"
            + "".join(one.xml() for one in page)
            + f"<resumptionToken>{following}</resumptionToken></ListRecords>"
        )

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve on the loopback interface; gives the address."""
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, content = repository.respond(urlsplit(self.path).query)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self.address = f"http://127.0.0.1:{server.server_port}/oai/request"
        try:
            yield self.address
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
