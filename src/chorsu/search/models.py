"""The index: documents with their facets, and the passages that queries meet."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from pgvector.django import HalfVectorField

from chorsu.institutions.models import Person


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
    """A record that is to be taken into the index by a worker."""

    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()
    soon = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="Whether it goes before those that came among many",
    )

    class Meta:
        db_table_comment = "Records not in the index yet, or not as they stand; gone once indexed"
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id"], name="search_waiting_once")
        ]
        indexes = [models.Index(fields=["-soon", "id"], name="search_waiting_next")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class Passage(models.Model):
    """A piece of a text, with its folded words."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages")
    language = models.CharField(max_length=8)
    field = models.CharField(max_length=40)
    position = models.PositiveIntegerField(db_comment="Place in its text; the title is 0")
    text = models.TextField()
    words = SearchVectorField(db_comment="Folded words of the text, each once, without positions")
    hash = models.CharField(
        max_length=64, db_comment="SHA-256 of language and text: the same is not embedded twice"
    )
    has_meaning = models.BooleanField(
        default=True, db_comment="False: too short to be compared, found by words alone"
    )

    class Meta:
        db_table_comment = "Passages of texts in every language, one index for all"
        indexes = [
            # Words and beginnings of words (`'ulag':*`).
            GinIndex(fields=["words"], name="passage_words"),
            models.Index(fields=["hash"], name="passage_same_text"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.language} {self.field}"


class Encoder(models.Model):
    """An encoder with the space fitted to it, as it was set: what makes comparable vectors."""

    class State(models.TextChoices):
        """Its place in a change from one encoder to the next."""

        SERVING = "serving"
        COMING = "coming"
        LEAVING = "leaving"

    name = models.CharField(max_length=200, unique=True)
    choice = models.JSONField(db_comment="The settings that its vectors depend on; no key")
    space = models.BinaryField(db_comment="The fitted file as it was; empty: vectors as they come")
    dimensions = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.DateTimeField(db_comment="When it came into this state")
    audiences = ArrayField(
        models.CharField(max_length=8), db_comment="Audiences whose records it may read"
    )
    filled = models.BooleanField(
        default=False, db_comment="Every passage it lacked when it came is on its waiting list"
    )
    queued = models.PositiveIntegerField(
        default=0, db_comment="Passages put on its waiting list when it came, for the progress"
    )

    class Meta:
        db_table_comment = "Encoders whose vectors are here: one serves, one may be coming"
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state__in=["serving", "coming"]),
                name="search_encoder_one_serves",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class Vector(models.Model):
    """A passage's vector by one encoder. Each encoder has an HNSW index of its own over its rows.

    Those indexes come and go with the encoders (`switching`): a dimension is part of each.
    """

    # The database itself removes these with their passage: a worker may add one meanwhile.
    passage = models.ForeignKey(
        Passage, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    encoder = models.ForeignKey(
        Encoder, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    vector = HalfVectorField(db_comment="In the encoder's fitted space")

    class Meta:
        db_table_comment = "Vectors of passages; those of two encoders are never compared"
        constraints = [
            models.UniqueConstraint(fields=["passage", "encoder"], name="search_vector_once")
        ]

    def __str__(self) -> str:
        return f"{self.passage_id} by {self.encoder_id}"


class Unembedded(models.Model):
    """A passage that waits for its vector by one encoder."""

    passage = models.ForeignKey(
        Passage, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    encoder = models.ForeignKey(
        Encoder, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    position = models.PositiveIntegerField(db_comment="The passage's place in its text")
    taken_until = models.DateTimeField(
        null=True, db_comment="A worker is at it; when this has passed, it was killed"
    )

    class Meta:
        db_table_comment = "Passages without a vector yet, by encoder; gone once they have it"
        constraints = [
            models.UniqueConstraint(fields=["passage", "encoder"], name="search_unembedded_once")
        ]
        indexes = [
            # Titles and summaries of everything come before the rest of anything.
            models.Index(fields=["encoder", "position", "passage"], name="search_unembedded_order")
        ]

    def __str__(self) -> str:
        return f"{self.passage_id} by {self.encoder_id}"


class EmbeddedMinute(models.Model):
    """How many vectors all workers made in a minute."""

    minute = models.DateTimeField(unique=True)
    passages = models.PositiveIntegerField(default=0)

    class Meta:
        db_table_comment = "Vectors made by minute, for the rate; the last hour is kept"

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.passages}"


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


class Suggestion(models.Model):
    """A title, a place or a term, offered to who types its beginning; gone with its record."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="suggestions")
    field = models.CharField(max_length=40, db_comment="title, place or term")
    language = models.CharField(max_length=8)
    text = models.TextField()
    beginnings = SearchVectorField(db_comment="suggestions.beginnings of the text")

    class Meta:
        db_table_comment = "What is offered while typing: titles, places, terms in every language"
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
