"""Tables of tools; private to the package."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Tool(models.Model):
    """An external tool that an administrator has registered. No personal data."""

    client_id = models.UUIDField(
        unique=True, db_comment="By which the tool names itself to this node, given here"
    )
    deployment = models.UUIDField(db_comment="deployment_id of LTI: one a tool, given here")
    name = models.CharField(max_length=120)
    address = models.CharField(
        max_length=500,
        unique=True,
        db_comment="Units whose address begins with this one are launched by LTI",
    )
    login_url = models.CharField(max_length=500, db_comment="Its OIDC login initiation")
    redirect_urls = ArrayField(
        models.CharField(max_length=500), db_comment="Where a launch may be sent, exactly"
    )
    keys_url = models.CharField(max_length=500, db_comment="Its public keys, a JWK Set")
    names = models.BooleanField(default=False, db_comment="It is told the names of learners")
    grades = models.BooleanField(default=False, db_comment="It may give scores")
    members = models.BooleanField(default=False, db_comment="It may ask who is in a cohort")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "External tools registered at this node"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Spent(models.Model):
    """A nonce or a token's id that was used, so that nothing is taken twice."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=64, db_comment="SHA-256 of its kind and its text")
    until = models.DateTimeField(db_comment="After this the message itself is too old to be taken")

    class Meta:
        db_table_comment = "Nonces and token ids that were used once"
        constraints = [
            # Two requests with one nonce at once: one of them is refused.
            models.UniqueConstraint(fields=["tool", "value"], name="spent_once")
        ]
        indexes = [
            # What can be forgotten, looked for every night.
            models.Index(fields=["until"], name="spent_by_until")
        ]

    def __str__(self) -> str:
        return self.value
