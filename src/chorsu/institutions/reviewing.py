"""The talk between contributor and editor about a draft of any kind: who may do what, and when.

Each package locks its draft, asks here, and does what is particular to its kind of record.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

from chorsu.institutions.drafts import Remark, WorkingCopy
from chorsu.institutions.errors import NotAllowed, WrongState
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import may
from chorsu.institutions.writing import require, require_writer
from chorsu.kernel.text import normalise
from chorsu.records.fields import FieldError, InvalidRecord

COMMENT_MAX = 4000
FIELD_MAX = 120


def require_saver(draft: WorkingCopy, by: Person) -> None:
    """Raise `NotAllowed` unless the person may write it, `WrongState` if it is with the editors
    and the person is none.
    """
    require_writer(by, draft.institution_id)
    if _is_submitted(draft) and not may(by, Role.EDITOR, draft.institution_id):
        raise WrongState(draft.state)


def require_discarder(draft: WorkingCopy, by: Person) -> None:
    """Raise `NotAllowed` unless a contributor throws away what they began, or an editor any."""
    require_writer(by, draft.institution_id)
    if draft.created_by_id != by.pk and not may(by, Role.EDITOR, draft.institution_id):
        raise NotAllowed(Role.EDITOR)


def require_submitter(draft: WorkingCopy, by: Person) -> None:
    """Raise `NotAllowed` unless the person writes it, `WrongState` if it is with the editors."""
    require_writer(by, draft.institution_id)
    if _is_submitted(draft):
        raise WrongState(draft.state)


def require_returner(draft: WorkingCopy, by: Person) -> None:
    """Raise `NotAllowed` unless the person is an editor, `WrongState` unless it was submitted."""
    require(by, Role.EDITOR, draft.institution_id)
    if not _is_submitted(draft):
        raise WrongState(draft.state)


def move(draft: WorkingCopy, state: WorkingCopy.State) -> None:
    """Note whose turn it is."""
    draft.state = state
    draft.save(update_fields=["state"])


def say(
    remark: Remark, *, field: str, text: str, known: Container[str], by: Person, now: datetime
) -> None:
    """Save a new remark on a field, or with "" on the whole. `known`: what a field may begin with.

    Raises `InvalidRecord` (`field` or `text`).
    """
    if field.split(".")[0] not in known or len(field) > FIELD_MAX:
        raise InvalidRecord([FieldError("field", "unknown", {"value": field[:FIELD_MAX]})])
    clean = normalise(text)
    if not clean:
        raise InvalidRecord([FieldError("text", "missing")])
    if len(clean) > COMMENT_MAX:
        raise InvalidRecord([FieldError("text", "too_long", {"max": COMMENT_MAX})])
    remark.field, remark.text, remark.person, remark.at = field, clean, by, now
    remark.save()


def resolve(remark: Remark, now: datetime) -> None:
    """Note that a remark was dealt with; once is enough."""
    if remark.resolved_at is None:
        remark.resolved_at = now
        remark.save(update_fields=["resolved_at"])


def _is_submitted(draft: WorkingCopy) -> bool:
    return draft.state == WorkingCopy.State.SUBMITTED
