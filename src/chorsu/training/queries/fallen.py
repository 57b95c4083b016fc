"""Results that stand no longer: the certificate was revoked for how its holder came by it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from chorsu.training.models import Certificate

GROUNDS = (Certificate.Why.MISCONDUCT, Certificate.Why.RESULT)
"""Of a revocation that says something of the result, and not only of the paper."""


def fallen() -> Q:
    """Of enrolments: those whose certificate was revoked on one of `GROUNDS`, and none is valid.

    It is not issued again with those of the others, its hours count no longer, and the course is
    not one that was passed.
    """
    held = Certificate.objects.filter(enrolment=OuterRef("pk"))
    ended = held.filter(state=Certificate.State.REVOKED, why__in=GROUNDS)
    return Exists(ended) & ~Exists(held.filter(state=Certificate.State.VALID))
