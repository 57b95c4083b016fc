"""Changing who: people, roles, invitations, institutions; every change leaves an audit event."""

from chorsu.institutions.actions.audit import erase_detail, record_event, record_events
from chorsu.institutions.actions.founding import add_person
from chorsu.institutions.actions.guests import forget_guest, welcome_guest
from chorsu.institutions.actions.invitations import (
    IssuedInvitation,
    accept_invitation,
    invite,
    join_by_invitation,
    revoke_invitation,
)
from chorsu.institutions.actions.people import (
    deactivate_person,
    reactivate_person,
    rename_person,
    set_languages,
    set_position,
    set_roles,
)
from chorsu.institutions.actions.places import add_branch, edit_institution, load_institutions
from chorsu.institutions.actions.registering import (
    accept_people,
    only_nominated_again,
    register_member,
    register_person,
    unregister_member,
    unregister_person,
)

__all__ = [
    "IssuedInvitation",
    "accept_invitation",
    "accept_people",
    "add_branch",
    "add_person",
    "deactivate_person",
    "edit_institution",
    "erase_detail",
    "forget_guest",
    "invite",
    "join_by_invitation",
    "load_institutions",
    "only_nominated_again",
    "reactivate_person",
    "record_event",
    "record_events",
    "register_member",
    "register_person",
    "rename_person",
    "revoke_invitation",
    "set_languages",
    "set_position",
    "set_roles",
    "unregister_member",
    "unregister_person",
    "welcome_guest",
]
