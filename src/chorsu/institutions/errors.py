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
