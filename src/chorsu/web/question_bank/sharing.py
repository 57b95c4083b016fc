"""Letting other academies ask the questions of a published course, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chorsu.flows.sharing import share_questions, unshare_questions
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Role
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.errors.bank import NothingShared, NotShareable
from chorsu.training.queries.sharing import sharing_of
from chorsu.training.shapes.bank import BankPlace
from chorsu.web.access import signed_in
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_publish
from chorsu.web.question_bank.guards import for_writers


@require_http_methods(["GET", "HEAD", "POST"])
@for_writers
def show(request: HttpRequest, place: BankPlace) -> HttpResponse:
    """How the questions stand; `do=publish` publishes them as they are now, `do=withdraw` takes
    them back for a `reason`.
    """
    person = signed_in(request)
    if not may_publish(person, place.institution_id):
        raise NotAllowed(Role.EDITOR)
    do, errors, refused = request.POST.get("do", ""), [], ""
    try:
        if do == "publish":
            done = share_questions(course_id=place.course_id, by=person, now=utc_now())
            _say_published(request, done=done)
            return redirect("questions-sharing", place.course_id)
        if do == "withdraw":
            unshare_questions(
                course_id=place.course_id,
                reason=request.POST.get("reason", ""),
                by=person,
                now=utc_now(),
            )
            messages.success(request, _("The questions are withdrawn from the network."))
            return redirect("questions-sharing", place.course_id)
    except NotShareable as why:
        refused = why_not(why.code)
    except InvalidRecord as invalid:
        errors = [_error(one) for one in invalid.errors]
    except NothingShared:
        messages.info(request, _("The questions were withdrawn already."))
        return redirect("questions-sharing", place.course_id)
    context = {
        "place": place,
        "sharing": sharing_of(place.course_id),
        "reason": request.POST.get("reason", ""),
        "errors": errors,
        "refused": refused,
    }
    status = 422 if errors or refused else 200
    return render(request, "questions/sharing.html", context, status=status)


def why_not(code: str) -> str:
    """A sentence on why questions can't be published, by the code of `NotShareable`."""
    return {
        "none": _("No quiz of this course draws a question from the bank."),
        "unaskable": _(
            "A question lacks what it takes to be asked. Open each in the bank and save it."
        ),
        "too-many": _("There are more questions than one publication can carry."),
        "too-large": _("The questions together are larger than one publication can be."),
        "personal": _("A question names a person of this node or their address."),
    }[code]


def _say_published(request: HttpRequest, *, done: bool) -> None:
    if done:
        messages.success(request, _("Other academies can teach the course with its questions."))
    else:
        messages.info(request, _("Exactly these questions are published already."))


def _error(error: FieldError) -> str:
    if error.code == "missing":
        return _("Say why: other academies teach with them and need to know.")
    return message(error)
