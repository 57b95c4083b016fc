"""How people come from a learning system that opens this node as its tool by LTI 1.3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login as sign_in
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.flows import arriving
from chorsu.flows.arriving import Arrived, Choosing, NotOpen, SomebodyElse, Waiting
from chorsu.institutions.errors import GuestShutOut
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import by_tag
from chorsu.tools.claims import Target
from chorsu.tools.rules import LtiRefused
from chorsu.training.queries.scores import GRADED, Linkable
from chorsu.web.across.arriving import BACKEND, GUEST_SESSION
from chorsu.web.errors import error_page
from chorsu.web.viewer import viewer_of

COOKIE = f"{settings.SESSION_COOKIE_NAME}_lti"
COOKIE_PATH = "/lti/"
FRAMES = ("iframe", "frame", "embed", "object", "fencedframe")
NOT_OPEN: Mapping[str, Promise] = {
    "no-target": gettext_lazy("The link names no course. Tell your teacher."),
    "not-offered": gettext_lazy(
        "The course is not open to your learning system. Tell your teacher."
    ),
    "closed": gettext_lazy("The course does not take anybody in at this time. Tell your teacher."),
}


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """A learning system's login initiation: back to it with a question.

    A POST comes from another site, without this one's cookies: it is asked again by GET. Nobody is
    signed in within a frame, where no cookie of ours is kept: there is a link to a new tab.
    """
    told = request.POST if request.method == "POST" else request.GET
    asked = {key: str(value) for key, value in told.items()}
    again = f"{reverse('lti-login')}?{urlencode(asked)}"
    if request.method == "POST":
        return HttpResponseRedirect(again)
    framed = request.headers.get("Sec-Fetch-Dest", "") in FRAMES
    if framed and not arriving.asks_to_choose(asked):
        # It holds nothing and does nothing that a link on the page around it could not do.
        return _in_frame(render(request, "tools/new_tab.html", {"again": again}), "*")
    try:
        departure = arriving.begin(asked=asked, browser=request.COOKIES.get(COOKIE, ""))
    except LtiRefused as refused:
        return _refused(request, refused)
    answer = HttpResponseRedirect(departure.url)
    answer.set_cookie(
        COOKIE,
        departure.browser,
        max_age=arriving.ON_THE_WAY,
        path=COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


@csrf_exempt
@never_cache
@require_POST
def launch(request: HttpRequest) -> HttpResponse:
    """The learning system's message. It comes from another site: who brings it is looked at by the
    address that it leads to, where this site's cookies are.
    """
    form = {key: str(value) for key, value in request.POST.items()}
    try:
        found = arriving.receive(form=form, now=utc_now())
    except LtiRefused as refused:
        return _refused(request, refused)
    if isinstance(found, Waiting):
        query = urlencode({"ticket": found.ticket})
        return HttpResponseRedirect(f"{reverse('lti-arrive')}?{query}")
    return _choices(request, found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest) -> HttpResponse:
    """Signed in as a guest, in the course; somebody who teaches is told what the link opens.

    Whoever is signed in here as somebody else is asked first, and says yes by POST: any site can
    send a browser on the way that ends here. Not so guests who came by a link before.
    """
    told = request.POST if request.method == "POST" else request.GET
    ticket, browser = str(told.get("ticket", "")), request.COOKIES.get(COOKIE, "")
    taken = isinstance(request.user, Person) and not request.user.came_by_launch
    try:
        arrived = arriving.come_in(
            ticket=ticket, browser=browser, taken=taken and request.method != "POST", now=utc_now()
        )
    except SomebodyElse as other:
        context = {"platform": other.platform, "ticket": ticket}
        return render(request, "tools/instead.html", context)
    except LtiRefused as refused:
        return _refused(request, refused)
    except NotOpen as shut:
        return error_page(request, 403, _("The course is not open"), str(NOT_OPEN[shut.code]))
    except GuestShutOut:
        text = _("An administrator here has shut you out.")
        return error_page(request, 403, _("You are not signed in"), text)
    if arrived.person is None:
        return render(request, "tools/for_teachers.html", {"platform": arrived.platform})
    sign_in(request, arrived.person, backend=BACKEND)
    request.session.set_expiry(int(GUEST_SESSION.total_seconds()))
    return HttpResponseRedirect(_onward(arrived))


def _onward(arrived: Arrived) -> str:
    """The unit, the course, or where somebody sees that they are on the waiting list."""
    languages = arrived.person.languages if arrived.person else []
    place = [arrived.enrolment, arrived.target.unit] if arrived.target.unit else [arrived.enrolment]
    name = "learning-unit" if arrived.target.unit else "learning-course"
    with override(by_tag(languages[0]).django_code if languages else None):
        return reverse("my-training") if arrived.waits else reverse(name, args=place)


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of the list: a course, or a unit of it; `language` is that of the title."""

    value: str
    title: str
    language: str
    graded: bool


@csrf_exempt
@never_cache
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """What was chosen, signed, on its way back. What the form holds sealed is what allows it: it
    may stand in a frame, where no session is known.
    """
    try:
        choosing = arriving.choosing(request.POST.get("sealed", ""))
    except LtiRefused as refused:
        return _refused(request, refused)
    try:
        chosen = arriving.choose(
            choosing=choosing,
            choice=request.POST.get("choice", ""),
            languages=viewer_of(request).languages,
            now=utc_now(),
        )
    except NotOpen:
        return _choices(request, choosing, missing=True)
    response = render(request, "tools/chosen.html", {"chosen": chosen})
    return _in_frame(response, arriving.origin(chosen.return_url))


def _choices(request: HttpRequest, choosing: Choosing, *, missing: bool = False) -> HttpResponse:
    found = arriving.choices(choosing=choosing, languages=viewer_of(request).languages)
    context = {
        "platform": choosing.platform,
        "sealed": choosing.sealed,
        "cohorts": [(one, _rows(one)) for one in found],
        "missing": missing,
    }
    response = render(request, "tools/choose.html", context, status=400 if missing else 200)
    return _in_frame(response, arriving.origin(choosing.asked.return_url))


def _rows(one: Linkable) -> list[Choice]:
    whole = Choice(Target(one.cohort_id).path, *one.course.word("title"), graded=True)
    return [whole] + [
        Choice(
            Target(one.cohort_id, unit.key).path,
            *one.course.word(f"units.{unit.key}.title"),
            graded=unit.kind in GRADED,
        )
        for unit in one.units
    ]


def _in_frame(response: HttpResponse, around: str) -> HttpResponse:
    """Let pages of `around` show this one in a frame, and its form go there."""
    policy = {"frame-ancestors": [around]}
    if around != "*":
        policy["form-action"] = ["'self'", around]
    response._csp_replace = policy  # type: ignore[attr-defined]
    response.xframe_options_exempt = True
    return response


def _refused(request: HttpRequest, refused: LtiRefused) -> HttpResponse:
    return render(request, "tools/refused.html", {"refused": refused}, status=400)
