"""A practice as it travels: what is built from a whitelist here is read strictly there.

What may live here: values in, values out. No database, no clock. No person is in any form: a text
names the office or the engine that translated it, never who.

Three blobs, all canonical JSON of format 1:
`practice` (a revision with all its texts), `practice-text` (a translation made at another node
than the origin; a record of its own in that node's feed), and the reason of a withdrawal.
"""

from chorsu.practices.wire.forms import (
    KIND,
    MAX_FILES,
    TEXT_KIND,
    PublishedPractice,
    build_payload,
)
from chorsu.practices.wire.reading import LIMITS, parse_payload, parse_text_payload
from chorsu.records.forms import (
    MAX_BLOB_BYTES,
    PublishedFile,
    PublishedRevision,
    PublishedText,
    PublishedTranslation,
    withdrawal_bytes,
)
from chorsu.records.reading import REFUSALS, Refused, parse_withdrawal

__all__ = [
    "KIND",
    "LIMITS",
    "MAX_BLOB_BYTES",
    "MAX_FILES",
    "REFUSALS",
    "TEXT_KIND",
    "PublishedFile",
    "PublishedPractice",
    "PublishedRevision",
    "PublishedText",
    "PublishedTranslation",
    "Refused",
    "build_payload",
    "parse_payload",
    "parse_text_payload",
    "parse_withdrawal",
    "withdrawal_bytes",
]
