"""A course with a lab that was tried and a tool that gave a score, for the small node."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from chorsu.institutions.models import Institution, Person
from chorsu.tools.actions import save_tool
from chorsu.training.actions.outside import keep_try, take_score
from chorsu.training.rules.fields import Module
from tests.training.class_kit import cohort, course, enrol, facts, unit

LAUNCH = "https://simulator.example/launch"


def outside(
    academy: Institution, editor: Person, administrator: Person, now: datetime
) -> dict[str, str]:
    """The editor learns; the administrator has registered the tool."""
    tool = save_tool(
        tool_id=None, name="City simulator", address=LAUNCH,
        login_url="https://simulator.example/login", redirect_urls=[LAUNCH],
        keys_url="https://simulator.example/keys", names=False, grades=True, members=False,
        active=True, by=administrator, now=now,
    )  # fmt: skip
    units = [unit("r2", "lab", lab="village-budget"), unit("q1", "tool", tool=f"{LAUNCH}/city")]
    whole = facts(modules=[Module(key="m1", units=units)])
    one = enrol(cohort(course(now, whole), academy, now), editor, now)
    names = ("road", "water", "school", "camp")
    choices = {f"{name}-{year}": 20 for name in names for year in range(1, 6)}
    keep_try(learner=one, unit="r2", choices=choices, percent=Decimal("57.5"), now=now)
    take_score(
        enrolment_id=one.id, unit="q1", percent=Decimal(80), comment="Mind the crossing.",
        scored_at=now, now=now,
    )  # fmt: skip
    return {"outside": str(one.id), "tool": str(tool.id)}
