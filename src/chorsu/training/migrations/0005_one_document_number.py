"""A result and its certificate have one document number: that of the first certificate, where one
was issued; else the next of the institution's sequence, in the order of the protocol."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def one_number(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    enrolments = apps.get_model("training", "Enrolment")
    first = {}
    issued = apps.get_model("training", "Certificate").objects.order_by("-issued_at", "-pk")
    for enrolment, number in issued.values_list("enrolment_id", "number"):
        first[enrolment] = number
    passed = enrolments.objects.filter(state="passed", cohort__state="finished")
    rows = passed.select_related("cohort").order_by("cohort__finished_at", "cohort_id", "pk")
    for row in sorted(rows, key=_place_in_protocol):
        row.result_document = first.get(row.pk) or _next(apps, row.cohort)
        row.save(update_fields=["result_document"])


def _place_in_protocol(row: Any) -> tuple[datetime, UUID, int]:  # noqa: ANN401 - a model of the past
    place = row.result_document.rpartition("/")[2]
    finished = row.cohort.finished_at or row.cohort.changed_at
    return finished, row.cohort_id, int(place) if place.isdecimal() else 0


def _next(apps: Apps, cohort: Any) -> str:  # noqa: ANN401 - a model of the past
    year = timezone.localdate(cohort.finished_at or cohort.changed_at).year
    counter, _made = apps.get_model("training", "DocumentCounter").objects.get_or_create(
        institution_id=cohort.institution_id, year=year
    )
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{cohort.institution_id.upper()}-{year}-{counter.last:06d}"


class Migration(migrations.Migration):
    dependencies = [("training", "0004_banks_that_travel")]

    operations = [
        migrations.AlterField(
            model_name="enrolment",
            name="result_document",
            field=models.CharField(
                blank=True,
                db_comment="Document number of who passed: the protocol's and the certificate's",
                max_length=70,
            ),
        ),
        migrations.RunPython(one_number, migrations.RunPython.noop),
    ]
