"""The index: documents with their facets, and the passages that queries meet."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from pgvector.django import HalfVectorField, HnswIndex

from chorsu.institutions.models import Person

DIMENSIONS = 384


class Document(models.Model):
    """A record as search sees it: what may filter it, and nothing that is shown."""

    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()
    audience = models.CharField(max_length=8)
    origin = models.CharField(max_length=120)
    institution_id = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    level = models.CharField(max_length=10, blank=True)
    themes = ArrayField(models.CharField(max_length=40), default=list)
    languages = ArrayField(models.CharField(max_length=8), default=list)
    year_from = models.PositiveSmallIntegerField(
        null=True, db_comment="Year it began; null: not said"
    )
    year_to = models.PositiveSmallIntegerField(
        null=True, db_comment="Year it ended; null: still going, if it began"
    )
    updated_at = models.DateTimeField()
    came_at = models.DateTimeField(
        db_default=Now(), db_comment="First taken in here, by the database's clock"
    )
    learned = models.BooleanField(
        default=False, db_comment="Whether Suggestion and ShownWord hold what it says now"
    )
    announced = models.BooleanField(
        default=False, db_comment="Whether saved searches were asked about it; once, when it is new"
    )

    class Meta:
        db_table_comment = "One row a record: facets of search"
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id"], name="search_document_once")
        ]
        indexes = [
            GinIndex(fields=["themes"], name="search_document_theme"),
            # Few rows: what a worker has yet to learn words from.
            models.Index(
                fields=["id"], name="search_document_unlearned", condition=models.Q(learned=False)
            ),
            # Few rows: the new ones.
            models.Index(
                fields=["kind", "id"],
                name="search_document_unannounced",
                condition=models.Q(announced=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class Waiting(models.Model):
    """A record that came among many and is to be taken into the index by a worker."""

    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()

    class Meta:
        db_table_comment = "Records not in the index yet, or not as they stand; gone once indexed"
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id"], name="search_waiting_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class Passage(models.Model):
    """A piece of a text, with its folded words and its vector."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    language = models.CharField(max_length=8)
    field = models.CharField(max_length=40)
    position = models.PositiveIntegerField(db_comment="Place in its text; the title is 0")
    text = models.TextField()
    words = SearchVectorField(db_comment="rules.lexemes of the text, without positions")
    hash = models.CharField(
        max_length=64, db_comment="SHA-256 of language and text: the same is not embedded twice"
    )
    model = models.CharField(
        max_length=60,
        blank=True,
        db_comment="Encoder of the vector; empty: waits; none: found by words alone",
    )
    vector = HalfVectorField(
        dimensions=DIMENSIONS, null=True, db_comment="Centred; null: none yet, or none at all"
    )

    class Meta:
        db_table_comment = "Passages of texts in every language, one index for all"
        indexes = [
            HnswIndex(
                name="passage_vector",
                fields=["vector"],
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
            # Words and beginnings of words (`'ulag':*`).
            GinIndex(fields=["words"], name="passage_words"),
            # Titles and summaries of everything come before the rest of anything.
            models.Index(
                fields=["position", "id"],
                name="passage_waiting",
                condition=models.Q(model=""),
            ),
            models.Index(fields=["hash", "model"], name="passage_same_text"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.language} {self.field}"


class Suggestion(models.Model):
    """A title or the name of a place, offered to who types its beginning; gone with its record."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="suggestions")
    field = models.CharField(max_length=40, db_comment="title or place")
    language = models.CharField(max_length=8)
    text = models.TextField()
    beginnings = SearchVectorField(db_comment="suggestions.beginnings of the text")

    class Meta:
        db_table_comment = "What is offered while typing: titles and places in every language"
        indexes = [GinIndex(fields=["beginnings"], name="suggestion_beginnings")]

    def __str__(self) -> str:
        return self.text


class ShownWord(models.Model):
    """A word that some record has; who may be shown it is asked of the index each time."""

    folded = models.CharField(max_length=100, unique=True, db_comment="As passages hold it")
    shown = models.CharField(max_length=120, db_comment="As it was first read, in small letters")

    class Meta:
        db_table_comment = "Words of the index, for the correction of mistyped ones"
        indexes = [
            GinIndex(fields=["folded"], name="word_alike", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.shown


class SavedSearch(models.Model):
    """A question and filters that somebody keeps, and whether they are told of what is new."""

    class Alert(models.TextChoices):
        NEVER = "never"
        DAILY = "daily"
        AT_ONCE = "at_once"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=500, blank=True)
    filters = models.JSONField(default=dict, db_comment="Facet name to the values chosen")
    digest = models.CharField(max_length=64, db_comment="SHA-256 of question and filters")
    alert = models.CharField(max_length=8, choices=Alert.choices, db_comment="Mails")
    language = models.CharField(
        max_length=8, db_comment="Of the page it was saved on: for who chose no reading languages"
    )
    generation = models.PositiveIntegerField(
        default=1, db_comment="Part of the secret addresses; moves to make old ones useless"
    )
    created_at = models.DateTimeField(db_comment="What came before is not new")

    class Meta:
        db_table_comment = "Searches that people of this node keep: personal data, kept at home"
        constraints = [
            models.UniqueConstraint(fields=["person", "digest"], name="saved_search_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.question}"


class Match(models.Model):
    """A new record that answers a saved search."""

    saved = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="matches")
    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()
    found_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, db_comment="Null: no mail has told of it")

    class Meta:
        db_table_comment = "What is new for a saved search; who may see it is asked when it is told"
        constraints = [
            models.UniqueConstraint(fields=["saved", "kind", "record_id"], name="search_match_once")
        ]
        indexes = [
            # Few rows: what is to be mailed.
            models.Index(
                fields=["saved"],
                name="search_match_unmailed",
                condition=models.Q(mailed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.saved_id} {self.record_id}"
