"""Who: institutions and their branches, the people of this node, their roles, the audit log."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.rules import LEARNING_SYSTEM


class Institution(models.Model):
    """An academy, the Hub, or a branch of one; every node knows the network's institutions."""

    class Kind(models.TextChoices):
        ACADEMY = "academy", _("Academy")
        HUB = "hub", _("Hub")
        BRANCH = "branch", _("Branch")

    id = models.SlugField(primary_key=True, max_length=40, db_comment="Chosen once, never changed")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="branches"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2")
    node = models.CharField(max_length=120, db_comment="Name of the node that hosts it")
    website = models.URLField(blank=True)
    position = models.PositiveSmallIntegerField(default=0, db_comment="Order in lists")
    version = models.PositiveIntegerField(
        default=1, db_comment="Moves with every edit: two editors"
    )

    class Meta:
        ordering = ["position", "id"]
        db_table_comment = "Institutions of the network; the same list at every node, by its id"

    def __str__(self) -> str:
        return self.id


class InstitutionName(models.Model):
    """An institution's name in one language."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="names")
    language = models.CharField(max_length=8, db_comment="BCP 47, one of the eight")
    name = models.CharField(max_length=200)
    short = models.CharField(max_length=60, db_comment="For cards and lists")

    class Meta:
        db_table_comment = "Names of institutions in the working languages"
        constraints = [
            # Two names in one language would make a page show either.
            models.UniqueConstraint(
                fields=["institution", "language"], name="institution_name_once_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.language}"


class PersonManager(BaseUserManager["Person"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: str) -> Person:
        """Make a person; without a password they sign in by a mailed link or passkey only."""
        person = self.model(email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody of this node, or a guest who signs in from the node that is their home.

    Never leaves it. A guest has no password, no address to sign in with and no role: what their
    home told of them is in `name`, `languages` and `told`.
    """

    email = models.EmailField(
        blank=True, db_comment="Sign-in name; unique whatever its letter case; empty: a guest"
    )
    name = models.CharField(max_length=150, blank=True, db_comment="As shown within this node")
    languages = ArrayField(
        models.CharField(max_length=8),
        default=list,
        db_comment="Reading languages, best first; empty: as the page",
    )
    is_active = models.BooleanField(
        default=True, db_comment="False: may not sign in; what they did keeps their name"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    home = models.CharField(
        max_length=120, blank=True, db_comment="Node that a guest signs in from; empty: this one"
    )
    home_subject = models.CharField(
        max_length=64, blank=True, db_comment="Identifier by which that node knows the guest here"
    )
    only_nominated = models.BooleanField(
        default=False,
        db_comment="Made by a nomination that nobody has accepted yet: reads what the public reads",
    )
    position = models.CharField(
        max_length=40, blank=True, db_comment="Code of the category of their position"
    )
    told = models.JSONField(
        default=dict,
        db_comment="What a guest agreed that their home tells: email, position, language",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        db_table_comment = "People of this node and guests from others: personal data"
        constraints = [
            # Also the index by which sign-in finds a person.
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="person_email_once"
            ),
            # A guest is one person however often they come; the index by which they are found.
            models.UniqueConstraint(
                fields=["home", "home_subject"],
                condition=~Q(home=""),
                name="person_guest_once",
            ),
            # A guest with an address could have a password sent to it, and be two people.
            models.CheckConstraint(
                condition=Q(home="", home_subject="") & ~Q(email="")
                | Q(email="") & ~Q(home="") & ~Q(home_subject=""),
                name="person_guest_or_own",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.home

    @property
    def is_guest(self) -> bool:
        """Whether they sign in from another node: then they learn here, and do nothing else."""
        return bool(self.home)

    @property
    def came_by_launch(self) -> bool:
        """Whether their home is no node but a learning system whose link they opened (LTI)."""
        return self.home.startswith(LEARNING_SYSTEM)

    @property
    def address(self) -> str:
        """By which people here name them: the e-mail address; of a guest, the identifier at home.

        The latter looks like an address and is no mailbox.
        """
        return self.email or f"{self.home_subject}@{self.home}"

    @property
    def mailbox(self) -> str:
        """Where mail reaches them; empty: a guest who told no address."""
        return self.email or str(self.told.get("email", ""))


class Role(models.TextChoices):
    """What a person may do in an institution; each role stands alone, a person may hold several."""

    READER = "reader", _("Reader")
    CONTRIBUTOR = "contributor", _("Contributor")
    EDITOR = "editor", _("Editor")
    TRANSLATOR = "translator", _("Translator")
    COORDINATOR = "coordinator", _("Coordinator")
    TEACHER = "teacher", _("Teacher")
    TRAINING_OFFICER = "training_office", _("Training officer")
    ADMINISTRATOR = "administrator", _("Administrator")


class Membership(models.Model):
    """A person's role in an institution of this node; a role in a parent holds in its branches."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=15, choices=Role.choices)

    class Meta:
        db_table_comment = "Who may do what where"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution", "role"], name="membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.institution_id}"


class Invitation(models.Model):
    """A mailed link by which a person joins; used once, ends by itself."""

    token_hash = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the token")
    email = models.EmailField()
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    roles = ArrayField(
        models.CharField(max_length=15, choices=Role.choices),
        db_comment="Given on acceptance, each at the institution",
    )
    language = models.CharField(max_length=8, db_comment="Language of the mail")
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, db_comment="Set once: the link is used up")
    revoked_at = models.DateTimeField(null=True, db_comment="Taken back before it was used")

    class Meta:
        db_table_comment = "Invitations by mailed link; only the token's hash is kept"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.email


class AuditEvent(models.Model):
    """One change of consequence: who did what to which thing, when.

    Written and never changed, but for a text that was erased where it stood
    (`actions.audit.erase_detail`).
    """

    at = models.DateTimeField()
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=254, db_comment="E-mail then, kept if the person goes")
    action = models.CharField(max_length=60, db_comment="Stable code such as practice.published")
    subject_kind = models.CharField(max_length=40, db_comment="Kind of thing, such as practice")
    subject_id = models.CharField(max_length=120, db_comment="Its id or name; no foreign key")
    detail = models.JSONField(default=dict, db_comment="What the action needs to be understood")

    class Meta:
        db_table_comment = "The audit log of this node"
        ordering = ["-at", "-id"]
        indexes = [
            # The page of the log, read in this order.
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
            # The page filtered by what happened; also the list of actions that occur.
            models.Index(fields=["action", "-at", "-id"], name="audit_by_action"),
            # The story of one thing.
            models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.action}"


class Connection(models.Model):
    """That a person of this node signs in at another one, and what that may know of them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    node = models.CharField(max_length=120, db_comment="Name of the other node")
    subject = models.CharField(
        max_length=64, unique=True, db_comment="By which that node knows the person; random"
    )
    claims = ArrayField(
        models.CharField(max_length=10),
        default=list,
        db_comment="What the person agreed to tell: name, email, position, language",
    )
    position = models.CharField(
        max_length=40, blank=True, db_comment="Category of their position, as the person says"
    )
    results = models.BooleanField(
        default=False, db_comment="Whether certificates from there are to be fetched"
    )
    transcript = models.BooleanField(
        default=False, db_comment="Whether that node is asked how courses there ended"
    )
    agreed_at = models.DateTimeField(db_comment="When they last agreed")
    signed_in_at = models.DateTimeField(null=True, db_comment="Last time; null: not yet")
    ended_at = models.DateTimeField(null=True, db_comment="No more sign-ins until agreed again")
    forget_asked_at = models.DateTimeField(null=True, db_comment="That node is to forget them")
    forgotten_at = models.DateTimeField(null=True, db_comment="By that node's clock, as it signed")
    confirmation = models.BinaryField(
        default=b"", db_comment="Its signed note that it forgot (wire.identity)"
    )

    class Meta:
        db_table_comment = "Sign-ins of this node's people at other nodes"
        ordering = ["-agreed_at", "-id"]
        constraints = [
            # Who was forgotten comes back under a new identifier; the old confirmation stays.
            models.UniqueConstraint(
                fields=["person", "node"],
                condition=Q(forgotten_at=None),
                name="connection_once_until_forgotten",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.node}"


class Forgetting(models.Model):
    """That this node has forgotten a guest: who was meant is known to their home alone."""

    node = models.CharField(max_length=120, db_comment="The guest's home, which asked for it")
    subject = models.CharField(max_length=64, db_comment="As that node named the guest")
    forgotten_at = models.DateTimeField()
    rows = models.PositiveIntegerField(db_comment="Rows of this database that were deleted")

    class Meta:
        db_table_comment = "Guests forgotten at their home's request: no personal data"
        constraints = [
            # Asked again, the node answers as the first time; the guest does not come back.
            models.UniqueConstraint(fields=["node", "subject"], name="forgetting_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.node}"
