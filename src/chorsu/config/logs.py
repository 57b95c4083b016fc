"""What must not stand in a log."""

from __future__ import annotations

import logging
import re

# Whoever has the link of an invitation can join with it, whoever has that of a saved search or of a
# calendar can read along; and logs are read by more than one.
_LINK = re.compile(
    r"(/(?:invitation|password/reset/key|confirm-email|search/saved/(?:stop|feed)|training/calendar"
    r"|learning/cards/stop)/)[^/\s]+"
)


class HideLinks(logging.Filter):
    """Takes what is secret out of addresses of pages that let people in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the line is kept, the secret is not."""
        message = record.getMessage()
        hidden = _LINK.sub(r"\1…", message)
        if hidden != message:
            record.msg, record.args = hidden, ()
        return True
