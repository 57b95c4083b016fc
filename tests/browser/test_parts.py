"""Lists and peers change in place: address, focus and Back are right, and no page is loaded."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.exchange import actions
from chorsu.exchange.models import Peer
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution
from tests.browser.conftest import sign_in, troubles
from tests.memory_node import MemoryNode
from tests.practices.conftest import person
from tests.web.library import publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MANY = 23
COUNT = ".results__count"


@pytest.fixture
def _many(transactional_db: None, now: datetime) -> None:
    load_institutions(now=now)
    for number in range(MANY):
        made = f"01a20b57-41cf-7240-9c2d-{number:012x}"
        words = {"title": f"Practice number {number}"}
        publish(now + timedelta(minutes=number), made, texts=[], **words)


class Marked:
    """A page that is never loaded anew while the mark on its window is there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda line: self._said(line.type, line.text))
        page.on("pageerror", lambda error: self._said("error", str(error)))

    def _said(self, kind: str, text: str) -> None:
        # htmx notes what it broke off, and what the line did.
        if kind in ("error", "warning") and not text.startswith("htmx:"):
            self.complaints.append(text)

    def open(self, address: str) -> Page:
        self.page.goto(address)
        self.page.evaluate("window.mark = true")
        return self.page

    @property
    def stayed(self) -> bool:
        return self.page.evaluate("window.mark === true") is True

    def asked(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)


@pytest.fixture
def marked(page: Page) -> Marked:
    return Marked(page)


@pytest.mark.usefixtures("_many")
def test_a_filter_of_search_changes_only_the_list(marked: Marked, live_server: LiveServer) -> None:
    page = marked.open(f"{live_server.url}/ru/search/?q=practice")
    group = page.locator("details[data-facet=level]")
    group.locator("summary").click()
    box = page.locator("[name=level][value=village]")
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**level=village*")
    assert marked.asked() == {"q": ["practice"], "level": ["village"]}
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    expect(page.locator("#said")).to_have_text(page.locator(COUNT).inner_text())
    language = page.locator(".menu--language a[hreflang=tk]")
    assert language.evaluate("one => one.pathname + one.search") == (
        "/tk/search/?q=practice&level=village"
    )
    way_in = page.locator(".menu--account a").get_attribute("href") or ""
    assert parse_qs(urlsplit(way_in).query)["next"] == ["/ru/search/?q=practice&level=village"]
    assert troubles(page) == []

    page.keyboard.press("Space")  # taken away: its group stays open, so the focus has a place
    page.wait_for_url(lambda url: "level" not in url)
    expect(box).not_to_be_checked()
    expect(box).to_be_focused()

    page.go_back()
    page.wait_for_url("**level=village*")
    expect(box).to_be_checked()
    page.go_back()
    expect(box).not_to_be_checked()
    assert marked.asked() == {"q": ["practice"]}
    assert marked.stayed
    assert marked.complaints == []

    page.goto(f"{live_server.url}/ru/search/?q=practice&level=village")
    expect(box).to_be_checked()


@pytest.mark.usefixtures("_many")
def test_pages_of_results_turn_in_place(marked: Marked, live_server: LiveServer) -> None:
    page = marked.open(f"{live_server.url}/en/search/?q=practice")
    first = page.locator(".card__title").all_inner_texts()
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**page=2*")
    expect(page.locator(".card__title")).to_have_count(MANY - 20)
    expect(page.locator(COUNT)).to_be_focused()
    expect(page.locator(COUNT)).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".card__title")).to_have_count(20)
    assert page.locator(".card__title").all_inner_texts() == first
    assert marked.stayed

    # From another page the browser itself comes back to the whole page, never to a part.
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**page=2*")
    page.locator(".card__title a").first.click()
    page.wait_for_url("**/practices/**")
    page.go_back()
    expect(page.locator(".masthead")).to_be_visible()
    expect(page.locator(".card__title")).to_have_count(MANY - 20)
    assert marked.complaints == []


@pytest.mark.usefixtures("_many")
def test_facets_of_the_list_of_practices(marked: Marked, live_server: LiveServer) -> None:
    page = marked.open(f"{live_server.url}/tk/practices/")
    link = page.locator("#country-KZ")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**country=KZ*")
    expect(link).to_have_attribute("aria-current", "true")
    expect(link).to_be_focused()
    expect(page.locator("#said")).to_contain_text(str(MANY))
    page.locator("[rel=next]").click()
    page.wait_for_url("**after=*")
    expect(page.locator(".card__title")).to_have_count(MANY - 20)
    assert marked.asked()["country"] == ["KZ"]
    page.go_back()
    page.go_back()
    expect(link).not_to_have_attribute("aria-current", "true")
    assert marked.stayed
    assert marked.complaints == []
    assert troubles(page) == []


@pytest.mark.usefixtures("_many")
def test_a_new_window_is_still_the_browsers(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/en/practices/")
    for key in ("Control", "Shift"):
        with page.context.expect_page() as opened:
            page.locator("#country-KZ").click(modifiers=[key])  # type: ignore[list-item]
        opened.value.wait_for_url("**country=KZ*")
        assert "country" not in page.url


@pytest.mark.usefixtures("_many")
def test_a_phone_keeps_the_filters_open_until_they_are_applied(
    window: Browser, live_server: LiveServer
) -> None:
    marked = Marked(window.new_page(viewport={"width": 390, "height": 800}))
    page = marked.open(f"{live_server.url}/zh-hans/search/?q=practice")
    facets = page.locator(".facets")
    expect(facets).to_be_hidden()
    page.locator(".facets__open").click()
    page.locator("[name=country][value=KZ]").check()
    page.wait_for_url("**country=KZ*")
    expect(facets).to_be_visible()
    page.locator("#apply-filters").click()
    expect(facets).to_be_hidden()
    expect(page.locator(COUNT)).to_be_in_viewport()
    assert marked.stayed
    assert marked.complaints == []


class Held:
    """Answers to parts whose address has this in it wait until they are let go."""

    def __init__(self, page: Page, part: str) -> None:
        self.routes: list[Route] = []
        page.route(lambda url: part in url, self._hold)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)


@pytest.mark.usefixtures("_many")
def test_a_late_answer_does_not_overwrite_a_newer_one(
    marked: Marked, live_server: LiveServer
) -> None:
    page = marked.open(f"{live_server.url}/en/search/?q=practice")
    first = Held(page, "theme=service-delivery&country=KZ")
    page.locator("[name=theme][value=service-delivery]").check()
    page.wait_for_url("**theme=service-delivery*")
    page.locator("[name=country][value=KZ]").check()
    found = page.locator(".found")
    expect(found).to_have_attribute("aria-busy", "true")
    page.locator("[name=theme][value=service-delivery]").uncheck()
    page.wait_for_url("**country=KZ*")
    assert marked.asked() == {"q": ["practice"], "country": ["KZ"]}
    for route in first.routes:
        route.continue_()
    page.wait_for_timeout(300)
    assert marked.asked() == {"q": ["practice"], "country": ["KZ"]}
    expect(page.locator("[name=theme][value=service-delivery]")).not_to_be_checked()
    expect(found).not_to_have_attribute("aria-busy", "true")
    assert marked.complaints == []


@pytest.mark.usefixtures("_many")
def test_going_back_gives_up_what_was_asked_for(marked: Marked, live_server: LiveServer) -> None:
    page = marked.open(f"{live_server.url}/en/search/?q=practice")
    page.locator("[name=country][value=KZ]").check()
    page.wait_for_url("**country=KZ*")
    late = Held(page, "theme=service-delivery")
    page.locator("[name=theme][value=service-delivery]").check()
    page.go_back()
    expect(page.locator("[name=country][value=KZ]")).not_to_be_checked()
    for route in late.routes:
        route.continue_()
    page.wait_for_timeout(300)
    assert marked.asked() == {"q": ["practice"]}
    expect(page.locator("[name=theme][value=service-delivery]")).not_to_be_checked()
    expect(page.locator(".found")).not_to_have_attribute("aria-busy", "true")
    assert marked.stayed


@pytest.mark.usefixtures("_many")
def test_a_line_that_breaks_is_told_and_a_refusal_shown(
    marked: Marked, live_server: LiveServer
) -> None:
    page = marked.open(f"{live_server.url}/en/practices/")
    page.route("**country=KZ*", lambda route: route.abort())
    notice = page.locator("[data-failed]")
    expect(notice).to_be_hidden()
    page.locator("#country-KZ").click()
    expect(notice).to_be_visible()
    expect(page.locator(".card__title")).to_have_count(20)
    assert troubles(page) == []
    page.unroute("**country=KZ*")
    page.locator("#country-KZ").click()
    page.wait_for_url("**country=KZ*")
    expect(notice).to_be_hidden()
    assert marked.stayed
    page.evaluate("""() => {
      const link = document.querySelector("[rel=next]");
      const other = link.cloneNode(true);
      other.href = "?after=nonsense";
      link.replaceWith(other);
      window.htmx.process(other);
    }""")
    page.locator("[rel=next]").click()
    page.wait_for_url("**after=nonsense*")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.fixture
def peer(academy: Institution, now: datetime) -> Peer:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    with node.serve():
        actions.add_peer(document=node.document(), now=now)
        actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    Peer.objects.update(
        verified_size=640, offered_size=1204, looked_at=now, answered_at=now, confirmed_by_peer=True
    )
    return Peer.objects.get()


def test_progress_of_a_peer_is_followed_until_it_is_in_sync(
    marked: Marked, live_server: LiveServer, peer: Peer
) -> None:
    page = marked.page
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    marked.open(f"{live_server.url}/en/node/")
    expect(page.locator("progress")).to_have_attribute("value", "640")
    assert troubles(page) == []

    Peer.objects.update(verified_size=900)
    page.clock.run_for(5100)
    expect(page.locator("progress")).to_have_attribute("value", "900")
    expect(page.locator("#said")).to_be_empty()

    _set_hidden(page, hidden=True)
    before = len(asked)
    page.clock.run_for(30_000)
    assert len(asked) == before

    Peer.objects.update(verified_size=1204)
    _set_hidden(page, hidden=False)
    expect(page.locator(".status")).to_have_text("In sync")
    expect(page.locator("#said")).to_have_text("beijing.chorsu.example: In sync.")
    done = len(asked)
    page.clock.run_for(60_000)
    assert len(asked) == done
    assert marked.stayed
    assert marked.complaints == []


def test_a_session_that_ended_leads_to_signing_in(
    marked: Marked, live_server: LiveServer, academy: Institution, peer: Peer
) -> None:
    administrator = person(academy, "admin@hub.example", "Admin One", "administrator")
    sign_in(marked.page.context, live_server, administrator)
    marked.page.clock.install()
    page = marked.open(f"{live_server.url}/en/node/peers/")
    expect(page.locator("[data-poll]")).to_have_count(1)
    Session.objects.all().delete()
    page.clock.run_for(5100)
    page.wait_for_url("**/account/login/**")
    expect(page.locator("[name=login]")).to_be_visible()


def _set_hidden(page: Page, *, hidden: bool) -> None:
    value = "true" if hidden else "false"
    page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{value: {value}, configurable: true}});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
