"""Asking the provider in tests: one request, its answer as XML."""

from __future__ import annotations

from django.test import Client
from lxml import etree

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def ask(query: str = "", **arguments: str) -> etree._Element:
    """The answer to a GET, by a raw query or by arguments (`from_` is `from`)."""
    given = {name.rstrip("_"): value for name, value in arguments.items()}
    response = Client().get(f"/oai?{query}" if query else "/oai", None if query else given)
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return etree.fromstring(response.content)


def error(query: str = "", **arguments: str) -> str:
    """The code of the one error that a request is answered with."""
    found = ask(query, **arguments).findall(f"{OAI}error")
    assert len(found) == 1
    return str(found[0].get("code"))


def texts(element: etree._Element, name: str) -> list[str]:
    """The texts of all elements of this name in the protocol's namespace."""
    return [one.text or "" for one in element.iter(f"{OAI}{name}")]


def identifiers(**arguments: str) -> list[str]:
    """What a list names, page after page, by the ids of the records."""
    arguments = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", **arguments}
    found: list[str] = []
    while True:
        answer = ask(**arguments)
        found += [name.rpartition(":")[2] for name in texts(answer, "identifier")]
        token = "".join(texts(answer, "resumptionToken"))
        if not token:
            return found
        arguments = {"verb": arguments["verb"], "resumptionToken": token}
