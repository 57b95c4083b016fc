"""Tables of tools; private to the package."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from chorsu.institutions.models import Person


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
    choose_url = models.CharField(
        max_length=500,
        blank=True,
        db_default="",
        db_comment="Where authors choose what a unit opens (Deep Linking); empty: nowhere",
    )
    names = models.BooleanField(
        default=False, db_comment="It is told the names of learners and teachers"
    )
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


class Content(models.Model):
    """What a tool answered when it was asked to choose, until its author has looked at it."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="+", db_comment="The author who asked"
    )
    draft = models.UUIDField(db_comment="Of the course that it is for")
    unit = models.CharField(max_length=40, db_comment="Key of the unit that it is for")
    item = models.JSONField(
        null=True, db_comment="Title, address, own parameters, most points; null: nothing chosen"
    )
    told = models.CharField(max_length=500, blank=True, db_comment="What the tool says to them")
    until = models.DateTimeField(db_comment="After this it is forgotten")

    class Meta:
        db_table_comment = "Answers of tools to authors, for an hour: personal data"
        indexes = [
            # What can be forgotten, looked for every night.
            models.Index(fields=["until"], name="content_by_until")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Platform(models.Model):
    """A learning system whose links open courses of this node. No personal data."""

    key = models.UUIDField(
        unique=True, db_comment="Names it in the homes of its guests; given here, never used again"
    )
    name = models.CharField(max_length=120)
    issuer = models.CharField(max_length=500, db_comment="As its messages name it: iss")
    client_id = models.CharField(max_length=255, db_comment="As it names this node: given there")
    deployments = ArrayField(
        models.CharField(max_length=255), db_comment="Deployment ids whose messages are taken"
    )
    auth_url = models.CharField(max_length=500, db_comment="Its OIDC authentication requests")
    token_url = models.CharField(max_length=500, db_comment="Its access tokens")
    keys_url = models.CharField(max_length=500, db_comment="Its public keys, a JWK Set")
    cohorts = ArrayField(
        models.UUIDField(),
        default=list,
        db_comment="Cohorts that its links may open, as those who run them allowed",
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Learning systems that open this node as their tool by LTI"
        ordering = ["name", "id"]
        constraints = [
            # A message names issuer and client: with them it is of one registration.
            models.UniqueConstraint(fields=["issuer", "client_id"], name="platform_once")
        ]

    def __str__(self) -> str:
        return self.name


class Arrival(models.Model):
    """A message that was believed, until the browser that brought it has come in. For minutes."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the nonce")
    ticket = models.CharField(max_length=64, blank=True, db_comment="SHA-256 of the ticket")
    browser = models.CharField(
        max_length=64, blank=True, db_comment="SHA-256 of the cookie of the browser that began"
    )
    claims = models.JSONField(
        default=dict, db_comment="What is told of the person; emptied as soon as they are in"
    )
    until = models.DateTimeField(db_comment="After this the message is too old to be taken anyway")

    class Meta:
        db_table_comment = "Launches under way, and nonces that were used: personal data, briefly"
        constraints = [
            # A ticket leads to one arrival; the index by which it is found.
            models.UniqueConstraint(
                fields=["ticket"], condition=~models.Q(ticket=""), name="arrival_by_ticket"
            )
        ]
        indexes = [
            # What can be forgotten, looked for every minute.
            models.Index(fields=["until"], name="arrival_by_until")
        ]

    def __str__(self) -> str:
        return self.nonce


class Column(models.Model):
    """A column of a gradebook that this node makes where a link has none. No personal data."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    collection = models.CharField(
        max_length=500, db_comment="Where the learning system keeps the columns of its course"
    )
    link = models.CharField(
        max_length=255, blank=True, db_comment="The link that opens it, as the learning system says"
    )
    cohort = models.UUIDField(db_comment="The cohort that the link opens")
    unit = models.CharField(max_length=40, blank=True, db_comment="Empty: of the whole course")
    line_item = models.CharField(
        max_length=500, blank=True, db_comment="Its address there; empty until it is made"
    )

    class Meta:
        db_table_comment = "Columns of gradebooks that this node makes as a tool"
        constraints = [
            # However many come by a link, it has one column.
            models.UniqueConstraint(
                fields=["platform", "collection", "link", "cohort", "unit"], name="column_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ScoreLine(models.Model):
    """A guest's line in the gradebook of their learning system. Gone with the guest."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    cohort = models.UUIDField(db_comment="The cohort they learn in")
    unit = models.CharField(max_length=40, blank=True, db_comment="Empty: of the whole course")
    line_item = models.CharField(
        max_length=500,
        db_comment="Where the learning system takes it; with a column, its collection and number",
    )
    column = models.ForeignKey(
        Column,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_comment="The column of this node's making that it is in; null: of another's",
    )
    user = models.CharField(max_length=255, db_comment="As the learning system names them")
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="Their result now; null: none"
    )
    sent_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="What the learning system has"
    )
    sent_at = models.DateTimeField(null=True, db_comment="When it took that; null: never")
    due_at = models.DateTimeField(null=True, db_comment="Try then; null: nothing is to be sent")
    since = models.DateTimeField(null=True, db_comment="Since when the present result waits")
    tries = models.PositiveSmallIntegerField(default=0, db_comment="That failed, of this result")
    trouble = models.CharField(max_length=40, blank=True, db_comment="Code of the last failure")

    class Meta:
        db_table_comment = "Results that go back to learning systems: personal data"
        constraints = [
            # However often the link is opened, the person has one line in it.
            models.UniqueConstraint(
                fields=["platform", "line_item", "person"], name="score_line_once"
            )
        ]
        indexes = [
            # What is due: few at any time.
            models.Index(
                fields=["due_at"], condition=~models.Q(due_at=None), name="score_line_due"
            ),
            # A person's lines in a cohort, when their result has moved; the lines of a cohort.
            models.Index(fields=["cohort", "person"], name="score_line_by_cohort"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
