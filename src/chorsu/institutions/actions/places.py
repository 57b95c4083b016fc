"""Institutions: the list that comes with the software, edits, branches."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import queries, rules
from chorsu.institutions.actions import guards
from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.errors import EditConflict, NotAllowed
from chorsu.institutions.models import Institution, InstitutionName, Person, Role

DATA = Path(__file__).parent.parent / "data" / "institutions.toml"


def edit_institution(
    *,
    institution_id: str,
    fields: rules.InstitutionFields,
    version: int,
    by: Person,
    now: datetime,
) -> None:
    """Change an institution's entry at this node; `version` is the one the editor saw.

    Raises NotAllowed, EditConflict, Institution.DoesNotExist, or ValidationError with the fields
    of `rules.clean_fields`.
    """
    if not queries.may_edit_institution(by, institution_id):
        raise NotAllowed(Role.ADMINISTRATOR)
    fields = rules.clean_fields(fields)
    with transaction.atomic():
        row = Institution.objects.select_for_update().get(pk=institution_id)
        if row.version != version:
            raise EditConflict(row.version)
        row.country, row.website = fields.country, fields.website
        row.version += 1
        row.save(update_fields=["country", "website", "version"])
        _write_names(row, fields)
        record_event(
            person=by,
            action="institution.edited",
            subject_kind="institution",
            subject_id=institution_id,
            detail={"version": row.version, "website": row.website, "names": dict(fields.names)},
            now=now,
        )
        transaction.on_commit(queries.forget_institutions)
    queries.forget_institutions()


def add_branch(
    *,
    parent_id: str,
    institution_id: str,
    fields: rules.InstitutionFields,
    by: Person,
    now: datetime,
) -> None:
    """Add a branch under one of the node's own institutions.

    Raises NotAllowed or ValidationError (`id` and the fields of `rules.clean_fields`).
    """
    guards.require_administrator(by, parent_id)
    institution_id = rules.clean_institution_id(institution_id)
    fields = rules.clean_fields(fields)
    with transaction.atomic():
        parent = Institution.objects.select_for_update().get(pk=parent_id)
        if Institution.objects.filter(pk=institution_id).exists():
            raise ValidationError({"id": _("An institution with this id exists already.")})
        row = Institution.objects.create(
            id=institution_id,
            parent=parent,
            kind=Institution.Kind.BRANCH,
            country=fields.country,
            node=parent.node,
            website=fields.website,
            position=parent.position,
            version=2,  # as edited: loading the list again leaves it alone
        )
        _write_names(row, fields)
        record_event(
            person=by,
            action="institution.branch_added",
            subject_kind="institution",
            subject_id=institution_id,
            detail={"parent": parent_id, "names": dict(fields.names)},
            now=now,
        )
        transaction.on_commit(queries.forget_institutions)
    queries.forget_institutions()


def load_institutions(*, now: datetime) -> int:
    """Bring in the network's institutions from the list that comes with the software.

    Rows that somebody edited here (version above 1) stay as they are. Idempotent; returns how
    many rows were written.
    """
    with DATA.open("rb") as file:
        listed = tomllib.load(file)["institution"]
    before = set(Institution.objects.values_list("id", flat=True))
    edited = set(Institution.objects.filter(version__gt=1).values_list("id", flat=True))
    written = 0
    with transaction.atomic():
        for position, entry in enumerate(listed):
            if entry["id"] in edited:
                continue
            _write_listed(entry, position)
            written += 1
        new = sorted({entry["id"] for entry in listed} - before)
        if new:
            record_event(
                person=None,
                action="institutions.loaded",
                subject_kind="node",
                subject_id=settings.NODE_NAME,
                detail={"new": new},
                now=now,
            )
        transaction.on_commit(queries.forget_institutions)
    queries.forget_institutions()
    return written


def _write_listed(entry: Mapping[str, Any], position: int) -> None:
    row, _made = Institution.objects.update_or_create(
        id=entry["id"],
        defaults={
            "parent_id": entry["parent"] or None,
            "kind": entry["kind"],
            "country": entry["country"],
            "node": entry["node"],
            "website": entry["website"],
            "position": position,
        },
    )
    fields = rules.InstitutionFields(
        entry["country"], entry["website"], entry["name"], entry["short"]
    )
    _write_names(row, rules.clean_fields(fields))


def _write_names(row: Institution, fields: rules.InstitutionFields) -> None:
    row.names.exclude(language__in=list(fields.names)).delete()
    for language, name in fields.names.items():
        InstitutionName.objects.update_or_create(
            institution=row,
            language=language,
            defaults={"name": name, "short": fields.shorts.get(language, "")},
        )
