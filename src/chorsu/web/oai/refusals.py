"""The protocol's errors."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noRecordsMatch",
]


class Refusal(Exception):  # noqa: N818 - says what is wrong
    """A request that the protocol answers with an error; `str` is for the harvester's log."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
