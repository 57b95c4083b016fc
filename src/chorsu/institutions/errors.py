"""What can go wrong with people and institutions; each class says it in its docstring."""

from __future__ import annotations

from enum import StrEnum


class NotAllowed(Exception):  # noqa: N818 - says what is wrong
    """The person does not hold the role that this takes (`role` is a code of `Role`)."""

    def __init__(self, role: str) -> None:
        super().__init__(f"this takes the role {role}")
        self.role = str(role)


class EditConflict(Exception):  # noqa: N818 - says what is wrong
    """Somebody else saved in between; nothing was changed. `current_version` is theirs."""

    def __init__(self, current_version: int) -> None:
        super().__init__(f"the current version is {current_version}")
        self.current_version = current_version


class WrongState(Exception):  # noqa: N818 - says what is wrong
    """The draft is in a state in which this cannot be done (`state` is a code)."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the draft is {state}")
        self.state = state


class RolesChanged(Exception):  # noqa: N818 - says what is wrong
    """Somebody else gave or took roles in between; nothing was changed. `current` is what holds."""

    def __init__(self, current: frozenset[str]) -> None:
        super().__init__("the roles are now: " + (", ".join(sorted(current)) or "none"))
        self.current = current


class LastAdministrator(Exception):  # noqa: N818 - says what is wrong
    """After this the institution would have no active administrator; nothing was changed."""


class AlreadyHere(Exception):  # noqa: N818 - says what is wrong
    """The address belongs to a person of this node already; no invitation was made."""

    def __init__(self, person_id: int, *, active: bool) -> None:
        super().__init__("a person with this address exists")
        self.person_id = person_id
        self.active = active


class InvitationState(StrEnum):
    """Whether an invitation can still be used, and why not."""

    OPEN = "open"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    REVOKED = "revoked"


class InvitationUnusable(Exception):  # noqa: N818 - says what is wrong
    """The invitation is unknown, expired, used or revoked (`state`)."""

    def __init__(self, state: InvitationState) -> None:
        super().__init__(f"the invitation is {state}")
        self.state = state


class NotConnected(Exception):  # noqa: N818 - says what is wrong
    """The person has no such connection with another node, or has ended it."""


class StillForgetting(Exception):  # noqa: N818 - says what is wrong
    """The other node was asked to forget the person and has not confirmed it yet."""


class GuestForgotten(Exception):  # noqa: N818 - says what is wrong
    """The guest was forgotten here, and is taken in no more by that identifier."""


class GuestShutOut(Exception):  # noqa: N818 - says what is wrong
    """An administrator of this node has deactivated the guest."""
