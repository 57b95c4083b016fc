"""The learner's side in a real browser: without a line, by keyboard, and what it weighs."""

from __future__ import annotations

import io
import time
import uuid
from collections.abc import Callable
from datetime import datetime

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import attempts as actions
from chorsu.training.models import Answer, Course, CourseFile, CourseRevision, CourseText, Enrolment
from chorsu.training.queries.attempts import AttemptView, answers
from chorsu.training.queries.learning import LearnerView, states
from chorsu.training.rules.fields import Module
from tests.browser.conftest import sign_in
from tests.browser.line import Line
from tests.training.class_kit import cohort, course, enrol, facts, learner_in, unit
from tests.training.quiz_kit import RIGHT, WRONG, add_item, begin, given, items_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLAIN = facts()
MOST_BYTES = 1_000_000


@pytest.fixture
def learner(academy: Institution, now: datetime) -> LearnerView:
    one = learner_in(academy, now, PLAIN)
    for _ in range(3):
        add_item(one.course_id)
    return one


def context_of(window: Browser, live_server: LiveServer, one: LearnerView) -> BrowserContext:
    context = window.new_context(viewport={"width": 390, "height": 800})
    sign_in(context, live_server, Person.objects.get(pk=one.person_id))
    return context


def kept(page: Page, line: Line, one: LearnerView) -> None:
    """Keep the whole course on the device."""
    page.goto(f"{line.url}/en/learning/{one.id}/")
    page.get_by_role("button", name="Keep the whole course on this device").click()
    expect(page.locator("[data-offline] [data-state]")).to_contain_text("MB", timeout=20_000)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something is so, in the database or on a page."""
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def test_what_is_answered_without_a_line_is_sent_exactly_once(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView, now: datetime
) -> None:
    tried = begin(learner, PLAIN, now)
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    line.cut()

    page.goto(f"{line.url}/en/learning/{learner.id}/units/r1/")
    expect(page.get_by_role("heading", level=1)).to_have_text("What people waited for")
    page.get_by_label("My note").fill("ask Aigul")
    expect(page.locator("form[data-note] [data-state]")).to_contain_text("kept on this device")
    page.get_by_role("button", name="Done, go on").click()
    expect(page.locator("[data-waiting] [data-number]")).to_have_text("2")
    answer(page, line, learner, tried, RIGHT)
    expect(page.locator("[data-question-state]").first).to_contain_text("kept on this device")
    # Only what can be kept is: any other page says so.
    page.goto(f"{line.url}/en/learning/cards/")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    assert (states(learner.id).get("r1", None), Answer.objects.count()) == (None, 0) or (
        states(learner.id)["r1"].done_at is None
    )

    line.mend()
    page.goto(f"{line.url}/en/learning/{learner.id}/")
    until(lambda: Answer.objects.count() == 1 and "r1" in states(learner.id))
    until(lambda: states(learner.id)["r1"].done_at is not None)
    assert states(learner.id)["r1"].note == "ask Aigul"
    assert answers(tried.id)[items_of(tried)[0].id].response == {"answer": "right"}
    expect(page.locator("[data-waiting]")).to_be_hidden()
    key = Answer.objects.get().key
    page.reload()
    page.wait_for_timeout(500)
    assert Answer.objects.get().key == key


def test_a_conflict_is_told_and_the_answer_that_stands_is_kept(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView, now: datetime
) -> None:
    tried = begin(learner, PLAIN, now)
    item = items_of(tried)[0]
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    line.cut()
    answer(page, line, learner, tried, RIGHT)
    expect(page.locator("[data-question-state]").first).to_contain_text("kept on this device")
    elsewhere = given(tried, item, WRONG)
    actions.answer(attempt=tried, person_id=learner.person_id, given=elsewhere, now=now)
    line.mend()
    page.goto(f"{line.url}/en/learning/{learner.id}/")
    refused = page.locator("[data-refused] li")
    expect(refused).to_contain_text("answered on another device meanwhile")
    assert answers(tried.id)[item.id].key == str(elsewhere.key)
    page.get_by_role("button", name="I have seen it").click()
    expect(page.locator("[data-waiting]")).to_be_hidden()


def answer(page: Page, line: Line, one: LearnerView, tried: AttemptView, text: str) -> None:
    page.goto(f"{line.url}/en/learning/{one.id}/attempts/{tried.id}/")
    page.locator("[data-question]").first.get_by_label(text).check()


def test_an_answer_is_saved_as_it_is_given_and_tried_again_on_a_bad_line(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView, now: datetime
) -> None:
    tried = begin(learner, PLAIN, now)
    page = context_of(window, live_server, learner).new_page()
    answer(page, line, learner, tried, WRONG)
    state = page.locator("[data-question-state]").first
    expect(state).to_have_text("Saved")
    expect(page.locator("[data-answered]")).to_have_text("1")
    line.cut()
    page.locator("[data-question]").first.get_by_label(RIGHT).check()
    expect(state).to_contain_text("kept on this device")
    line.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    item = items_of(tried)[0]
    until(lambda: answers(tried.id)[item.id].response == {"answer": "right"})


def test_who_signs_out_leaves_no_pages_behind(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    assert page.evaluate("caches.keys()") != []
    page.goto(f"{line.url}/en/account/logout/")
    page.locator("main form button").click()
    page.wait_for_url("**/en/")
    assert page.evaluate("caches.keys()") == []


def test_who_signs_in_next_finds_no_pages_of_somebody_who_did_not_sign_out(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    page.goto(f"{line.url}/en/learning/")
    page.wait_for_timeout(2000)
    assert page.evaluate("caches.keys()") != []
    sign_in(page.context, live_server, Person.objects.create_user("other@hub.example"))
    page.goto(f"{line.url}/en/learning/")
    until(lambda: page.evaluate("caches.keys()") == [])


def test_a_kept_page_that_is_gone_does_not_come_back_without_a_line(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    address = f"{line.url}/en/learning/{learner.id}/units/r1/"
    Enrolment.objects.update(state="left")
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404
    line.cut()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")


QUEUE = """() => new Promise((resolve) => {
  const opening = indexedDB.open("chorsu-learning", 1);
  opening.onsuccess = () => {
    const asked = opening.result.transaction("queue").objectStore("queue").getAll();
    asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
  };
})"""


WAIT = """(url) => new Promise((resolve) => {
  const opening = indexedDB.open("chorsu-learning", 1);
  opening.onsuccess = () => {
    const work = opening.result.transaction("queue", "readwrite");
    const pairs = [["csrfmiddlewaretoken", ""], ["version", "0"], ["note", "ask Aigul"]];
    const at = Date.now();
    work.objectStore("queue").put({ id: url, url, pairs, page: "", at, scripted: true });
    work.oncomplete = () => { opening.result.close(); resolve(); };
  };
})"""


def note_without_a_line(page: Page, line: Line, learner: LearnerView) -> None:
    """Write a note that waits on the device."""
    kept(page, line, learner)
    line.cut()
    page.goto(f"{line.url}/en/learning/{learner.id}/units/r1/")
    page.get_by_label("My note").fill("ask Aigul")
    expect(page.locator("form[data-note] [data-state]")).to_contain_text("kept on this device")


def test_who_signs_out_sends_what_waits_and_leaves_nothing_of_it(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    page.goto(f"{line.url}/en/account/logout/")
    own, strange = f"/en/learning/{learner.id}/units/r1/note/", uuid.uuid4()
    # The second can not be sent at all: no such learner.
    for url in (own, f"/en/learning/{strange}/units/r1/note/"):
        page.evaluate(WAIT, url)
    assert len(page.evaluate(QUEUE)) == 2
    page.locator("main form button").click()
    page.wait_for_url("**/en/")
    assert page.evaluate(QUEUE) == []
    assert states(learner.id)["r1"].note == "ask Aigul"


def test_what_another_site_sends_does_not_wait_to_be_sent_with_a_token_of_ours(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    kept(page, line, learner)
    page.goto("about:blank")
    line.cut()
    address = f"{line.url}/en/learning/{learner.id}/units/r1/note/"
    page.set_content(
        f'<form method="post" action="{address}"><input name="note" value="forged">'
        '<input name="version" value="0"></form>'
    )
    with page.expect_event("requestfailed"):
        page.evaluate("document.forms[0].submit()")
    other = page.context.new_page()
    other.goto(f"{line.url}/en/learning/{learner.id}/")
    assert other.evaluate(QUEUE) == []


def test_what_waits_of_somebody_else_is_not_refused_but_waits_for_them(
    window: Browser, live_server: LiveServer, line: Line, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    note_without_a_line(page, line, learner)
    sign_in(page.context, live_server, Person.objects.create_user("other@hub.example"))
    line.mend()
    page.goto(f"{line.url}/en/learning/")
    page.wait_for_timeout(2000)
    [waiting] = page.evaluate(QUEUE)
    assert "refused" not in waiting
    sign_in(page.context, live_server, Person.objects.get(pk=learner.person_id))
    page.goto(f"{line.url}/en/learning/{learner.id}/")
    until(lambda: "r1" in states(learner.id) and states(learner.id)["r1"].note == "ask Aigul")


def test_a_unit_is_gone_through_by_keyboard(
    window: Browser, live_server: LiveServer, learner: LearnerView
) -> None:
    page = context_of(window, live_server, learner).new_page()
    page.goto(f"{live_server.url}/en/learning/{learner.id}/units/r1/")
    term = page.get_by_role("button", name="public service")
    term.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#term-t1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#term-t1")).to_be_hidden()
    page.get_by_role("button", name="Done, go on").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/units/s1/")


def test_the_first_ten_readings_weigh_less_than_a_megabyte(
    window: Browser, live_server: LiveServer, academy: Institution, editor: Person, now: datetime
) -> None:
    readings = [unit(f"n{number}", "reading") for number in range(10)]
    row = course(now, facts(modules=[Module(key="m1", units=readings)]))
    words = dict(CourseText.objects.get(course=row, language="en").words)
    for number in range(10):
        sha256 = picture(uuid.UUID(str(row.pk)), number, now)
        prose = "The window answers within a day. " * 40
        words[f"units.n{number}.title"] = f"Reading {number}"
        words[f"units.n{number}.body"] = "\n\n".join([prose] * 6 + [f"![A plan]({sha256})"])
    CourseText.objects.filter(course=row, language="en").update(words=words)
    one = enrol(cohort(row, academy, now), editor, now)

    # Without the service worker: what that fetches, the page is not told the weight of.
    context = window.new_context(viewport={"width": 390, "height": 800}, service_workers="block")
    sign_in(context, live_server, editor)
    page = context.new_page()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    weights: list[float] = []
    network.on("Network.loadingFinished", lambda told: weights.append(told["encodedDataLength"]))
    for number in range(10):
        page.goto(f"{live_server.url}/en/learning/{one.id}/units/n{number}/")
        shown = page.locator(".player__text img")
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("naturalWidth", 1200)
    assert 400_000 < sum(weights) < MOST_BYTES


def picture(course_id: uuid.UUID, number: int, now: datetime) -> str:
    """A figure of a course as authors add them: a plan of 1200 by 800, some 50 kB."""
    drawn = Image.effect_noise((300, 200), 12).resize((1200, 800)).convert("RGB")
    pen = ImageDraw.Draw(drawn)
    for place in range(40):
        pen.rectangle((place * 28, place * 17 + number, place * 28 + 90, place * 17 + 60), "teal")
    content = io.BytesIO()
    drawn.save(content, "WEBP", quality=70)
    sha256 = file_of(course_id, f"plan{number}.webp", "image/webp", content.getvalue(), now)
    CourseFile.objects.filter(course_id=course_id, sha256=sha256).update(width=1200, height=800)
    return sha256


def file_of(course_id: uuid.UUID, name: str, media_type: str, content: bytes, now: datetime) -> str:
    """A file of a published course; its SHA-256."""
    sha256 = blobs.put(content, media_type=media_type, now=now)
    BlobUse.objects.create(blob_id=sha256, record_id=course_id, audience="public", own=True)
    CourseFile.objects.create(
        course_id=course_id,
        sha256=sha256,
        name=name,
        media_type=media_type,
        size=len(content),
        published=True,
        current=True,
    )
    return sha256


RECORD = """() => new Promise((resolve) => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  let turn = 0;
  const drawing = setInterval(() => {
    pen.fillStyle = `hsl(${(turn += 20)} 80% 50%)`;
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.onstop = async () => {
    clearInterval(drawing);
    resolve([...new Uint8Array(await new Blob(pieces).arrayBuffer())]);
  };
  recorder.start();
  setTimeout(() => recorder.stop(), 1500);
})"""
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:05.000\nAt the window\n"
PIECE = """async ([url, range]) => {
  const answer = await fetch(url, { headers: { Range: range } });
  const body = [...new Uint8Array(await answer.arrayBuffer())];
  return [answer.status, answer.headers.get("Content-Range"), body];
}"""


def with_film(page: Page, academy: Institution, now: datetime) -> tuple[LearnerView, bytes]:
    """A learner of a course with a film, made in this browser, and its captions."""
    film = bytes(page.evaluate(RECORD))
    made = course(now)
    small = file_of(uuid.UUID(str(made.pk)), "film.webm", "video/webm", film, now)
    spoken = file_of(uuid.UUID(str(made.pk)), "en.vtt", "text/vtt", CAPTIONS.encode(), now)
    video = {"variants": [small], "captions": [{"language": "en", "sha256": spoken}]}
    whole = facts(modules=[Module(key="m1", units=[unit("r1", "video", video=video)])])
    Course.objects.filter(pk=made.pk).update(facts=whole)
    CourseRevision.objects.filter(course=made).update(facts=whole)
    return enrol(cohort(made, academy, now), Person.objects.create_user("f@hub.example"), now), film


def test_a_film_that_is_kept_plays_with_its_captions_without_a_line(
    window: Browser, live_server: LiveServer, line: Line, academy: Institution, now: datetime
) -> None:
    studio = window.new_page()
    one, film = with_film(studio, academy, now)
    studio.close()
    page = context_of(window, live_server, one).new_page()
    page.goto(f"{line.url}/en/learning/{one.id}/units/r1/")
    box = page.locator("[data-film]")
    expect(box.get_by_role("button")).to_contain_text("kB")
    box.get_by_role("button", name="Keep the film too").click()
    expect(box.locator("[data-state]")).to_contain_text(
        "Film kept on this device (", timeout=20_000
    )
    line.cut()

    page.goto(f"{line.url}/en/learning/{one.id}/units/r1/")
    video = page.locator("video")
    video.evaluate("(one) => { one.muted = true; return one.play(); }")
    until(lambda: bool(video.evaluate("(one) => one.currentTime > 0.5")))
    until(lambda: bool(video.evaluate("(one) => one.textTracks[0].cues?.length === 1")))
    source = video.get_attribute("src")
    for asked, first, last in (("bytes=10-19", 10, 19), ("bytes=-5", len(film) - 5, len(film) - 1)):
        told = page.evaluate(PIECE, [source, asked])
        wanted = f"bytes {first}-{last}/{len(film)}"
        assert told == [206, wanted, list(film[first : last + 1])]
    assert page.evaluate(PIECE, [source, f"bytes={len(film)}-"])[0] == 416

    box.get_by_role("button", name="Remove the film from this device").click()
    expect(box.locator("[data-state]")).to_have_text("")
    assert page.evaluate("caches.keys()") == []


def test_a_film_for_which_there_is_no_room_is_not_begun(
    window: Browser, live_server: LiveServer, line: Line, academy: Institution, now: datetime
) -> None:
    studio = window.new_page()
    one, _film = with_film(studio, academy, now)
    studio.close()
    page = context_of(window, live_server, one).new_page()
    page.add_init_script("navigator.storage.estimate = async () => ({ quota: 1000, usage: 999 });")
    page.goto(f"{line.url}/en/learning/{one.id}/units/r1/")
    box = page.locator("[data-film]")
    box.get_by_role("button", name="Keep the film too").click()
    expect(box.locator("[data-state]")).to_contain_text("not enough room")
    assert page.evaluate("caches.keys()") == []
