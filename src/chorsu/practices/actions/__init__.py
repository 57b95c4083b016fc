"""Changing practices. Every action is keyword-only, asks first who may, and is one transaction."""

from chorsu.practices.actions.accepting import (
    accept,
    accept_text,
    accept_text_withdrawal,
    accept_withdrawal,
)
from chorsu.practices.actions.arriving import accept_new
from chorsu.practices.actions.attaching import add_file, remove_file
from chorsu.practices.actions.beginning import begin_from
from chorsu.practices.actions.drafting import (
    create_draft,
    discard_draft,
    restore_version,
    revise,
    save_draft,
)
from chorsu.practices.actions.erasing import forget_file, forget_reason, forget_revision
from chorsu.practices.actions.publishing import (
    Withdrawal,
    publish,
    publish_ready,
    withdraw,
)
from chorsu.practices.actions.restoring import (
    files_of,
    hold_still,
    overdue_text,
    restore,
    restore_text,
    restore_text_withdrawal,
    restore_withdrawal,
)
from chorsu.practices.actions.reviewing import (
    comment,
    resolve_comment,
    return_draft,
    submit_draft,
)
from chorsu.practices.actions.storing import published_form
from chorsu.practices.actions.translating import (
    approve_translation,
    discard_translation,
    save_translation,
)

__all__ = [
    "Withdrawal",
    "accept",
    "accept_new",
    "accept_text",
    "accept_text_withdrawal",
    "accept_withdrawal",
    "add_file",
    "approve_translation",
    "begin_from",
    "comment",
    "create_draft",
    "discard_draft",
    "discard_translation",
    "files_of",
    "forget_file",
    "forget_reason",
    "forget_revision",
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
