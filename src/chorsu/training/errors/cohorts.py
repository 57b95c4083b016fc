"""What can go wrong with cohorts; each class says it in its docstring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from chorsu.training.rules.eligibility import Refusal


class NoSuchCohort(LookupError):  # noqa: N818 - says what is wrong
    """There is no such cohort, session, enrolment or import, or the person may not know of it."""


class NoSuchCourse(LookupError):  # noqa: N818 - says what is wrong
    """There is no such published course here; a withdrawn one is not taught anew."""


class NotEligible(Exception):  # noqa: N818 - says what is wrong
    """The rules refuse it; `refusals` say which and why. Nothing was changed."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(", ".join(one.code for one in refusals))
        self.refusals = tuple(refusals)


class WrongCohortState(Exception):  # noqa: N818 - says what is wrong
    """The cohort or enrolment is in a state in which this cannot be done (`state` is a code)."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the state is {state}")
        self.state = state


class ResultsMissing(Exception):  # noqa: N818 - says what is wrong
    """The cohort cannot be finished: so many admitted learners have no result."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} results are missing")
        self.count = count


class ProposalsChanged(Exception):  # noqa: N818 - says what is wrong
    """What the course's rule says of somebody has changed since it was looked at."""


class ResultChanged(Exception):  # noqa: N818 - says what is wrong
    """Somebody else has set the result meanwhile; `percent` and `state` are what is stored now."""

    def __init__(self, percent: Decimal | None, state: str) -> None:
        super().__init__(f"{percent} {state}")
        self.percent = percent
        self.state = state


class SessionsOutside(Exception):  # noqa: N818 - says what is wrong
    """Sessions would be outside the days of the cohort: (title, local time) of each.

    `moves`: how many sessions would have to move by `days` to be within them all; 0: that would
    not do.
    """

    def __init__(self, sessions: Sequence[tuple[str, datetime]], *, days: int, moves: int) -> None:
        super().__init__(f"{len(sessions)} sessions are outside the days")
        self.sessions = tuple(sessions)
        self.days = days
        self.moves = moves


class WrongCode(Exception):  # noqa: N818 - says what is wrong
    """The code is not the one on the screen, or no code is shown for a session now.

    `too_often`: no further code of this learner is taken in this session.
    """

    def __init__(self, *, too_often: bool = False) -> None:
        super().__init__("too many wrong codes" if too_often else "wrong code")
        self.too_often = too_often
