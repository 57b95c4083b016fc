"""Cartridges of other learning systems that were handed in and wait to be looked at."""

from __future__ import annotations

from django.db import models

from chorsu.institutions.models import Institution, Person


class CartridgeImport(models.Model):
    """A Common Cartridge that waits to become the draft of a course; gone when kept or discarded.

    It is kept as it came and read anew each time: what is looked at is what would be made of it.
    """

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=8, db_comment="Of what it says: of the draft it becomes")
    name = models.CharField(max_length=200, db_comment="Of the file")
    content = models.BinaryField(db_comment="The package, at most 32 MiB")
    made_by = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="+", db_comment="Who alone may see it"
    )
    made_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Cartridges that were handed in and not yet made a course"
        indexes = [
            # What a person has handed in and not decided on.
            models.Index(fields=["made_by", "-made_at"], name="cartridge_import_newest_first")
        ]

    def __str__(self) -> str:
        return str(self.id)
