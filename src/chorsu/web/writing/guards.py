"""What stands before every page of the work area: a signed-in person, and errors told as pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.queries import institution
from chorsu.practices import queries
from chorsu.practices.errors import (
    NoSuchDraft,
    NoSuchPractice,
    NotOwnPractice,
    PracticeWithdrawn,
)
from chorsu.web.beginning import begin_url
from chorsu.web.errors import gone
from chorsu.web.locales import page_language

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_members(view: View[P]) -> View[P]:
    """Ask for a sign-in; turn what the packages below refuse into the page that explains it."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (NotAllowed, NotOwnPractice):
            raise PermissionDenied from None
        except NoSuchDraft:
            return _moved(view, request, args, kwargs)
        except NoSuchPractice:
            raise Http404 from None
        except PracticeWithdrawn as withdrawn:
            return gone(
                request,
                _("This practice has been withdrawn"),
                _("The institution that published it has taken it back."),
                reason=withdrawn.reason,
                when=withdrawn.at,
                who=institution(withdrawn.institution_id).name(page_language().tag),
                begin_url=begin_url(request.user, withdrawn),
            )

    return login_required(guarded)


def _moved(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> HttpResponseBase:
    """A draft was asked for that is not there: where it went when its practice was withdrawn.

    What was typed on a page still open at its earlier address is taken in as if typed at the new
    one; a decision (to publish, to discard) is taken anew, for it was about something else.
    """
    moved = queries.moved_draft(str(kwargs.get("draft_id", "")))
    if not moved:
        raise Http404
    here = request.resolver_match.view_name if request.resolver_match else ""
    if request.method == "POST" and here in ("draft-edit", "draft-comment"):
        return view(request, *args, **{**kwargs, "draft_id": UUID(moved)})
    if request.method == "POST" or len(kwargs) > 1:
        return redirect("draft-edit", draft_id=moved)
    return redirect(here, draft_id=moved)
