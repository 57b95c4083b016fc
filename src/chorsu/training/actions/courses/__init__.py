"""Changing courses: written, published, translated, withdrawn, and taken in from peers."""

from chorsu.training.actions.courses.accepting import (
    accept,
    accept_text,
    accept_text_withdrawal,
    accept_withdrawal,
)
from chorsu.training.actions.courses.attaching import add_file, remove_file
from chorsu.training.actions.courses.drafting import (
    begin_draft,
    discard_draft,
    restore_version,
    revise,
    save_draft,
)
from chorsu.training.actions.courses.erasing import (
    forget_file,
    forget_reason,
    forget_revision,
    forget_text,
)
from chorsu.training.actions.courses.forking import fork
from chorsu.training.actions.courses.publishing import (
    hashes_needed,
    publish,
    publish_ready,
    withdraw,
)
from chorsu.training.actions.courses.restoring import (
    files_of,
    hold_still,
    overdue_text,
    restore,
    restore_text,
    restore_text_withdrawal,
    restore_withdrawal,
)
from chorsu.training.actions.courses.reviewing import (
    comment,
    resolve_comment,
    return_draft,
    submit_draft,
)
from chorsu.training.actions.courses.storing import published_form
from chorsu.training.actions.courses.translating import (
    approve_translation,
    discard_translation,
    save_translation,
)

__all__ = [
    "accept",
    "accept_text",
    "accept_text_withdrawal",
    "accept_withdrawal",
    "add_file",
    "approve_translation",
    "begin_draft",
    "comment",
    "discard_draft",
    "discard_translation",
    "files_of",
    "forget_file",
    "forget_reason",
    "forget_revision",
    "forget_text",
    "fork",
    "hashes_needed",
    "hold_still",
    "overdue_text",
    "publish",
    "publish_ready",
    "published_form",
    "remove_file",
    "resolve_comment",
    "restore",
    "restore_text",
    "restore_text_withdrawal",
    "restore_version",
    "restore_withdrawal",
    "return_draft",
    "revise",
    "save_draft",
    "save_translation",
    "submit_draft",
    "withdraw",
]
