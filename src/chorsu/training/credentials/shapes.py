"""What queries and actions of certificates hand out: frozen values, no rows of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chorsu.wire.credential import Credential
from chorsu.wire.credential_file import Texts
from chorsu.wire.credential_records import PublishedCommitments, PublishedStatus


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate in a list. `names` are the achievement's by language tag."""

    id: str
    number: str
    holder: str
    state: str
    names: Mapping[str, str]
    institution_id: str
    hours: int
    issued_at: datetime
    valid_until: datetime | None
    ended_at: datetime | None
    why: str
    reason: str
    replaced_by: str

    def name(self, language: str) -> str:
        """The achievement's name in a language, else in English, else in any."""
        for tag in (language, "en"):
            if self.names.get(tag):
                return self.names[tag]
        return next(iter(self.names.values()))


@dataclass(frozen=True, slots=True)
class CertificateView(CertificateLine):
    """A certificate with what it says and what is kept beside it."""

    credential: Credential
    compact: bytes
    commitment: str
    texts: Texts
    person_id: int
    cohort_id: str
    commitments_record: str
    status_record: str

    @property
    def languages(self) -> list[str]:
        """Those in which the achievement has a name, the original first."""
        original = self.credential.language
        return sorted(self.names, key=lambda tag: tag != original)


@dataclass(frozen=True, slots=True)
class Issued:
    """What the log has to say of certificates just issued; both in the caller's transaction.

    `new_list` is a status list that begins with them, or None. `ids` are the certificates'.
    """

    ids: Sequence[str]
    commitments: PublishedCommitments
    new_list: PublishedStatus | None


@dataclass(frozen=True, slots=True)
class ToIssue:
    """A cohort with learners who passed, as whoever issues sees it.

    Among the `issued` are those that were revoked for good: nobody waits for them.
    """

    cohort_id: str
    course_id: str
    name: str
    institution_id: str
    ends_on: date
    passed: int
    issued: int

    @property
    def waiting(self) -> int:
        """Learners who passed and have no certificate that counts."""
        return self.passed - self.issued


@dataclass(frozen=True, slots=True)
class WorkView:
    """Certificates being issued in bulk."""

    id: int
    cohort_id: str
    state: str
    total: int
    done: int
    refused: Sequence[tuple[str, str]]  # the learner's name, a code of NOT_ISSUABLE
    trouble: str
    asked_at: datetime
    ended_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens with it."""
        return self.ended_at is not None
