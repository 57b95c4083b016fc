"""The index: documents with their facets, and the passages that queries meet."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from pgvector.django import HalfVectorField, HnswIndex

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

    class Meta:
        db_table_comment = "One row a record: facets of search"
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id"], name="search_document_once")
        ]
        indexes = [GinIndex(fields=["themes"], name="search_document_theme")]

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
    words = SearchVectorField(db_comment="rules.read_words of the text, without positions")
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


class Word(models.Model):
    """A word of the passages in a language: what a question's words are compared with.

    Not unique: two transactions that bring the same word must not wait for each other. The nightly
    count leaves one.
    """

    language = models.CharField(max_length=8)
    word = models.CharField(max_length=100, db_collation="C", db_comment="Folded, as in a passage")
    stem = models.CharField(max_length=100, db_collation="C", db_comment="By the language's rules")
    sound = models.CharField(
        max_length=40, db_collation="C", db_comment="Of the stem, by sounds.sound; empty: too short"
    )
    slips = ArrayField(
        models.IntegerField(),
        default=list,
        db_comment="slips.hashes of the stem; empty: no letters may slip",
    )
    passages = models.PositiveIntegerField(
        null=True, db_comment="Passages in this language that have it; null: not counted yet"
    )

    class Meta:
        db_table_comment = "Vocabulary of the passages, for other endings, scripts and slips"
        indexes = [
            models.Index(fields=["word", "language"], name="search_word_itself"),
            models.Index(fields=["stem", "language"], name="search_word_stem"),
            models.Index(fields=["sound"], name="search_word_sound", condition=~models.Q(sound="")),
            GinIndex(fields=["slips"], name="search_word_slips"),
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.language})"
