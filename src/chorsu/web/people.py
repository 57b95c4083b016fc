"""Pages of people: who is in an institution, inviting, roles, deactivating."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chorsu.institutions import actions, queries
from chorsu.institutions.errors import (
    AlreadyHere,
    InvitationUnusable,
    LastAdministrator,
    NotAllowed,
    RolesChanged,
)
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import InstitutionView, PersonView
from chorsu.kernel.clock import utc_now
from chorsu.kernel.transliteration import sort_key
from chorsu.web.access import administrator, signed_in
from chorsu.web.context import NavItem
from chorsu.web.locales import listed, page_language
from chorsu.web.people_forms import InviteForm, RolesForm
from chorsu.web.people_mail import send_invitation


@login_required
def people(request: HttpRequest, institution_id: str = "") -> HttpResponse:
    """The people and open invitations of an institution; inviting somebody (POST)."""
    places = queries.administered_institutions(signed_in(request))
    if not places:
        raise PermissionDenied
    place = next((one for one in places if one.id == institution_id), None)
    if institution_id and place is None:
        raise PermissionDenied
    place = place or places[0]
    form = InviteForm(request.POST or None, initial={"language": page_language().tag})
    if request.method == "POST" and form.is_valid() and _invite(request, place, form):
        return redirect("people", place.id)
    context = {
        "place": place,
        "place_name": place.name(page_language().tag),
        "tabs": [_tab(one, place) for one in places],
        "people": _by_name(queries.people(place.id)),
        "guests_url": reverse("guests") if place.id == queries.node_institution_id() else "",
        "invitations": queries.open_invitations(place.id, now=utc_now()),
        "form": form,
    }
    return render(request, "people/list.html", context, status=400 if form.errors else 200)


def _by_name(found: list[PersonView]) -> list[PersonView]:
    """As the reader's language orders names: the database has Ä after Z."""
    naming = sort_key(page_language().tag)
    return sorted(found, key=lambda one: (not one.is_active, naming(one.name), one.email))


def _tab(one: InstitutionView, shown: InstitutionView) -> NavItem:
    url = reverse("people", args=[one.id])
    return NavItem(url, one.short(page_language().tag), one.id == shown.id)


def _invite(request: HttpRequest, place: InstitutionView, form: InviteForm) -> bool:
    """Invite the person of a valid form, or put what is wrong on the form."""
    person = signed_in(request)
    wanted = form.cleaned_data
    try:
        issued = actions.invite(
            by=person,
            email=wanted["email"],
            institution_id=place.id,
            roles=wanted["roles"],
            language=wanted["language"],
            now=utc_now(),
        )
    except AlreadyHere as here:
        return _give_roles(request, place, form, here)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    sent = send_invitation(issued, place=place, by=person)
    if sent.delivered:
        text = _("An invitation was sent to %(email)s.") % {"email": issued.email}
        messages.success(request, text)
    else:
        text = _("The mail to %(email)s could not be sent. Hand over this link yourself: %(link)s")
        messages.warning(request, text % {"email": issued.email, "link": sent.link})
    return True


def _give_roles(
    request: HttpRequest, place: InstitutionView, form: InviteForm, here: AlreadyHere
) -> bool:
    """Somebody of this node needs no link: they get the roles at once."""
    if not here.active:
        form.add_error("email", _("This person is deactivated. Activate them in the list first."))
        return False
    held = queries.held_roles(here.person_id, place.id)
    actions.set_roles(
        person_id=here.person_id,
        institution_id=place.id,
        roles=held | set(form.cleaned_data["roles"]),
        by=signed_in(request),
        now=utc_now(),
    )
    text = _("%(email)s has an account already; the roles were given.")
    messages.success(request, text % {"email": form.cleaned_data["email"]})
    return True


@login_required
@require_POST
def revoke(request: HttpRequest, institution_id: str, invitation_id: int) -> HttpResponse:
    """End an invitation."""
    person = administrator(request, institution_id)
    try:
        actions.revoke_invitation(invitation_id=invitation_id, by=person, now=utc_now())
    except InvitationUnusable:
        messages.info(request, _("The invitation had ended already."))
    except NotAllowed as error:
        raise PermissionDenied from error
    else:
        messages.success(request, _("The invitation is revoked; its link no longer works."))
    return redirect("people", institution_id)


def _of_institution(institution_id: str, person_id: int) -> PersonView:
    for row in queries.people(institution_id):
        if row.id == person_id:
            return row
    raise Http404


@login_required
def person(request: HttpRequest, institution_id: str, person_id: int) -> HttpResponse:
    """One person: their roles in the institution (POST sets them)."""
    by = administrator(request, institution_id)
    shown = _of_institution(institution_id, person_id)
    held = sorted(role.value for role in shown.roles)
    form = RolesForm(request.POST or None, initial={"roles": held, "before": ",".join(held)})
    if request.method == "POST" and form.is_valid() and _set_roles(form, by, institution_id, shown):
        text = _("The roles of %(name)s are saved.") % {"name": shown.name or shown.email}
        messages.success(request, text)
        return redirect("people", institution_id)
    context = {
        "place": queries.institution(institution_id),
        "place_name": queries.institution(institution_id).name(page_language().tag),
        "person": shown,
        "form": form,
        "is_self": shown.id == by.pk,
        "may_take_data": queries.may(by, Role.ADMINISTRATOR, queries.node_institution_id()),
    }
    return render(request, "people/person.html", context, status=400 if form.errors else 200)


def _set_roles(form: RolesForm, by: Person, institution_id: str, shown: PersonView) -> bool:
    try:
        actions.set_roles(
            person_id=shown.id,
            institution_id=institution_id,
            roles=form.cleaned_data["roles"],
            before=form.cleaned_data["before"],
            by=by,
            now=utc_now(),
        )
    except RolesChanged as changed:
        labels = [str(Role(role).label) for role in sorted(changed.current)]
        text = _(
            "Somebody else changed the roles meanwhile. Now they are: %(roles)s. Your choice "
            "is kept below; save again to put it in place."
        )
        form.show_as_seen(changed.current)
        form.add_error(None, text % {"roles": listed(labels, page_language().tag) or "—"})
        return False
    except LastAdministrator:
        form.add_error("roles", _("An institution needs an administrator; this is the last one."))
        return False
    return True


@login_required
@require_POST
def set_active(request: HttpRequest, institution_id: str, person_id: int) -> HttpResponse:
    """Deactivate a person, or with `active=1` let them in again."""
    by = administrator(request, institution_id)
    shown = _of_institution(institution_id, person_id)
    change = (
        actions.reactivate_person
        if request.POST.get("active") == "1"
        else actions.deactivate_person
    )
    try:
        change(person_id=shown.id, by=by, now=utc_now())
    except LastAdministrator:
        messages.error(request, _("An institution needs an administrator; this is the last one."))
    except NotAllowed:
        text = _("This person also has roles where you are not an administrator.")
        messages.error(request, text)
    else:
        messages.success(request, _("Saved."))
    return redirect("person", institution_id, person_id)
