"""Three practices in the log: public, withdrawn, and one that is for the network now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Person
from tests.web.library import publish

WITHDRAWN = "01a20b57-41cf-7240-9c2d-67167621df3c"
CLOSED = "01a20b57-41cf-7240-9c2d-67167621df3d"
NEVER_OPEN = "01a20b57-41cf-7240-9c2d-67167621df3e"


@pytest.fixture
def log(editor: Person, now: datetime) -> datetime:
    """Six entries, a day apart from index 0 on; returns the time of the first."""
    day = timedelta(days=1)
    publish(now, WITHDRAWN, texts=[])
    publish(now + day, CLOSED, texts=[])
    publish(now + 2 * day)
    withdraw_practice(
        practice_id=WITHDRAWN, reason="Its figures were wrong.", by=editor, now=now + 3 * day
    )
    publish(now + 4 * day, CLOSED, texts=[], audience="network", title="For the network now")
    publish(now + 5 * day, NEVER_OPEN, texts=[], audience="network")
    return now
