"""A reader without JavaScript: opens pages over HTTP, reads their forms, sends them filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import httpx


class PageError(Exception):
    """A page did not answer as a person would need it to; the message tells the address."""


@dataclass(slots=True)
class Form:
    """A form as its page shows it: where it goes, and the values it starts with."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._area: str | None = None
        self._select: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._inside = True
            method = given.get("method", "get").lower()
            self.forms.append(Form(given.get("action", ""), method))
        if not self._inside or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "button" and given.get("type", "submit") == "submit":
            self.forms[-1].buttons.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].values.setdefault(self._select, []).append(given.get("value", ""))

    def _input(self, name: str, given: Mapping[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in given:
            return
        if kind not in ("submit", "file", "button", "image"):
            self.forms[-1].values.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # A browser drops the one line end that follows the opening tag.
            text = "".join(self._text).removeprefix("\n")
            self.forms[-1].values.setdefault(self._area, []).append(text)
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


class FormClient:
    """One person at one node. `page` is the page they see, `address` where it is."""

    def __init__(self, home: str) -> None:
        self._http = httpx.Client(follow_redirects=True, timeout=30)
        self.address = home
        self.page = ""
        self.status = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def open(self, address: str) -> str:
        """Open a page, relative to the present one; return its HTML, whatever its status."""
        answer = self._http.get(urljoin(self.address, address))
        return self._take(answer)

    def send(self, action: str, values: Mapping[str, str | list[str]], button: str = "") -> str:
        """Send the form of this page whose address contains `action`, as changed by `values`.

        `button` is `name=value` of the button pressed. Raises PageError when there is no such form
        or the answer is an error.
        """
        form = self._form(action, button)
        data: dict[str, str | list[str]] = {**form.values, **values}
        if button:
            name, _, value = button.partition("=")
            data[name] = value
        target = urljoin(self.address, form.action or self.address)
        headers = {"Referer": self.address}
        answer = self._http.request(form.method, target, data=data, headers=headers)
        page = self._take(answer)
        if answer.status_code >= 400:
            raise PageError(f"{target}: {answer.status_code}")
        return page

    def _form(self, action: str, button: str) -> Form:
        parser = _Forms()
        parser.feed(self.page)
        for form in parser.forms:
            if action in urljoin(self.address, form.action or self.address) and (
                not button or any(f"{name}={value}" == button for name, value in form.buttons)
            ):
                return form
        raise PageError(f"{self.address}: no form that goes to {action!r} {button}")

    def _take(self, answer: httpx.Response) -> str:
        self.address, self.page, self.status = str(answer.url), answer.text, answer.status_code
        return self.page
