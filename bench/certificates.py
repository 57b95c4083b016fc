"""Certificates: how many are issued in a batch, and verified a second on one core. One JSON line.

    DJANGO_SETTINGS_MODULE=tests.settings python -m bench.certificates --certificates 10000

Run it in the folder of the sources: the database is that of the tests, made for this and thrown
away. Issuing is the whole of it: reading who passed, signing, the log's entries, all committed.
Files are those of many holders in a random order, as an office gets them, and then again each as
if it were the first that the process sees (`_alone`).
"""

from __future__ import annotations

import argparse
import json
import time

import django

FILES = 500


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.certificates")
    parser.add_argument("--certificates", type=int, default=10_000)
    asked = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.test.utils import get_runner

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        print(json.dumps(_measure(asked.certificates)))
    finally:
        runner.teardown_databases(databases)


def _measure(count: int) -> dict[str, float | int]:
    from tests.training import passed

    from chorsu.exchange.keys import signing_key
    from chorsu.flows import certifying
    from chorsu.institutions.models import Institution, Person
    from chorsu.kernel.clock import utc_now
    from chorsu.kernel.ids import new_id
    from chorsu.training.models import Certificate, Enrolment
    from chorsu.training.queries.certificates import certificate
    from chorsu.wire.credential_code import encode_code
    from chorsu.wire.credential_file import parse_certificate

    now = utc_now()
    academy = Institution.objects.create(
        id="hub-astana", kind="hub", country="KZ", node="hub.chorsu.example"
    )
    officer, group = passed.officer(academy), passed.cohort(academy, now)
    people = Person.objects.bulk_create(
        Person(email=f"learner{n}@hub.example", name=f"Айгүл Нұрланова {n}") for n in range(count)
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            id=new_id(),
            cohort=group,
            person=one,
            state="passed",
            created_at=now,
            queued_at=now,
            result_percent=88,
        )
        for one in people
    )
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    begun = time.perf_counter()
    certifying.issue_all(number=number, clock=utc_now)
    issuing = time.perf_counter() - begun
    issued = Certificate.objects.count()
    chosen = Certificate.objects.order_by("?").values_list("pk", flat=True)[:FILES]
    rows = [certificate(one, officer) for one in chosen]
    known = [signing_key().verify_key]
    compacts = [row.compact for row in rows]
    files = [certifying.file_of(row) for row in rows]
    codes = [encode_code(parse_certificate(one).signed).encode() for one in compacts]
    return {
        "certificates": issued,
        "issuing_seconds": round(issuing, 2),
        "issued_per_minute": round(issued / issuing * 60),
        "credential_bytes": len(compacts[0]),
        "code_chars": len(codes[0]),
        "file_bytes": len(files[0]),
        "verified_per_second_credential": _rate(compacts, known),
        "verified_per_second_code": _rate(codes, known),
        "verified_per_second_file_with_proofs": _rate(files, known),
        "verified_per_second_file_with_proofs_alone": _rate(files, known, alone=True),
    }


def _rate(documents: list[bytes], known: list, *, alone: bool = False) -> int:
    """Verifications in a second of this process's own time: one core."""
    from chorsu.kernel.clock import utc_now
    from chorsu.wire.credential_file import forget_proven, parse_certificate, verify_certificate

    now, done, begun = utc_now(), 0, time.process_time()
    forget_proven()
    while time.process_time() - begun < 3:
        for data in documents:
            if alone:
                forget_proven()
            verdict = verify_certificate(parse_certificate(data), known, now)
            assert verdict.standing in ("genuine", "unconfirmed")
        done += len(documents)
    return round(done / (time.process_time() - begun))


if __name__ == "__main__":
    main()
