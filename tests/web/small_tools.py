"""A course with a lab that was tried and a tool that gave a score, for the small node; and a
learning system with a guest whose result it does not take.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions import save_tool
from chorsu.tools.actions.content import keep_content
from chorsu.tools.actions.platforms import digest, keep_arrival, open_cohort, save_platform
from chorsu.tools.actions.scores import ScoreNotTaken, keep_line, note_percents, send_one
from chorsu.tools.content import Answer, Item
from chorsu.training.actions.outside import keep_try, take_score
from chorsu.training.rules.fields import Module
from chorsu.wire.identity import Identity
from tests.training.class_kit import cohort, course, enrol, facts, unit
from tests.training.courses.tool_draft import tool_draft

BROWSER = "the browser that began a launch"
LAUNCH = "https://simulator.example/launch"


def outside(
    academy: Institution, editor: Person, administrator: Person, now: datetime
) -> dict[str, str]:
    """The editor learns; the administrator has registered the tool."""
    tool = save_tool(
        tool_id=None, name="City simulator", address=LAUNCH,
        login_url="https://simulator.example/login", redirect_urls=[LAUNCH],
        keys_url="https://simulator.example/keys", names=False, grades=True, members=False,
        active=True, by=administrator, now=now, choose_url="https://simulator.example/choose",
    )  # fmt: skip
    units = [unit("r2", "lab", lab="village-budget"), unit("q1", "tool", tool=f"{LAUNCH}/city")]
    whole = facts(modules=[Module(key="m1", units=units)])
    run = cohort(course(now, whole), academy, now)
    one = enrol(run, editor, now)
    names = ("road", "water", "school", "camp")
    choices = {f"{name}-{year}": 20 for name in names for year in range(1, 6)}
    keep_try(learner=one, unit="r2", choices=choices, percent=Decimal("57.5"), now=now)
    take_score(
        enrolment_id=one.id, unit="q1", percent=Decimal(80), comment="Mind the crossing.",
        scored_at=now, now=now,
    )  # fmt: skip
    return {
        "outside": str(one.id), "tool": str(tool.id), "tool-cohort": str(run.pk),
        **_chosen(tool.id, editor, now),
    }  # fmt: skip


def _chosen(tool_id: int, editor: Person, now: datetime) -> dict[str, str]:
    """The editor has chosen in the tool what a unit of a draft is to open."""
    draft = tool_draft(editor, now, tool=f"{LAUNCH}/village")
    item = Item("City of Osh", f"{LAUNCH}/city", {"city": "osh", "year": "2031"}, 40)
    kept = keep_content(
        tool_id=tool_id, person_id=editor.pk, draft_id=UUID(draft.id), unit="sim",
        answer=Answer("n", "d", item, "Chosen by the simulator."),
        until=utc_now() + timedelta(hours=1),
    )  # fmt: skip
    return {"tool-draft": draft.id, "tool-content": str(kept)}


def learning_systems(cohort_id: UUID, by: Person, now: datetime) -> dict[str, str]:
    """Two that are registered; one may open the cohort, and does not take a guest's results."""
    found = []
    for name, host, active in (
        ("Moodle of the civil service agency", "moodle.example", True),
        ("Canvas", "canvas.example", False),
    ):
        known = save_platform(
            platform_id=None, name=name, issuer=f"https://{host}", client_id="chorsu",
            deployments=["1", "2"], auth_url=f"https://{host}/auth",
            token_url=f"https://{host}/token", keys_url=f"https://{host}/keys", active=active,
            by=by, now=now,
        )  # fmt: skip
        found.append(known)
    one = found[0]
    open_cohort(cohort_id=cohort_id, platform_ids=[one.id], by=by, now=now)
    guest = welcome_guest(
        node=f"lti:{one.key}",
        identity=Identity("a" * 40, name="Айгүл Асанова", email="aigul@moodle.example"),
        now=now,
    )
    keep_arrival(
        platform_id=one.id, nonce="nonce", ticket="arrives", browser=digest(BROWSER),
        until=utc_now() + timedelta(hours=1),
        claims={
            "user": "17", "name": "Айгүл Асанова", "email": "", "language": "ky",
            "teaches": False, "target": [str(cohort_id), ""], "line_item": "",
        },
    )  # fmt: skip
    for key in ("", "q1"):
        keep_line(
            platform_id=one.id, person_id=guest.pk, cohort_id=cohort_id, unit=key,
            line_item=f"https://moodle.example/line/{key}", user="17",
        )  # fmt: skip
    note_percents(
        person_id=guest.pk, cohort_id=cohort_id, percent_of=lambda _unit: Decimal("82.5"), now=now
    )

    def refuse(_line: object) -> None:
        raise ScoreNotTaken("peer-forbids")

    while send_one(send=refuse, now=now):
        pass
    return {
        "platform": str(one.id), "launched-guest": str(guest.pk), "arrival": "?ticket=arrives",
    }  # fmt: skip
