"""Certificates: how many are issued in a batch, and verified a second on one core. One JSON line.

    DJANGO_SETTINGS_MODULE=tests.settings python -m bench.certificates --certificates 10000

Run it in the folder of the sources: the database is that of the tests, made for this and thrown
away. `make bench-training` takes the same figures at its node. Issuing is the whole of it: reading
who passed, signing, the log's entries, all committed. Files are those of many holders in a random
order, as an office gets them, and then again each as if it were the first that the process sees
(`_first_seen`): nothing that was proven before is remembered.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from chorsu.institutions.models import Institution

FILES = 500
SECONDS = 3.0
PER_SECOND = 2000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.certificates")
    parser.add_argument("--certificates", type=int, default=10_000)
    asked = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.test.utils import get_runner

    from chorsu.institutions.models import Institution

    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        academy = Institution.objects.create(
            id="hub-astana", kind="hub", country="KZ", node="hub.chorsu.example"
        )
        found = measure(asked.certificates, academy)
        print(json.dumps({**found, "missed": missed(found)}))
    finally:
        runner.teardown_databases(databases)


def measure(count: int, academy: Institution, seconds: float = SECONDS) -> dict[str, Any]:
    """Issue so many to a cohort of the academy, verify some of them; each rate for so long."""
    from tests.training import passed

    from chorsu.exchange.keys import signing_key
    from chorsu.flows import certifying
    from chorsu.institutions.models import Person
    from chorsu.kernel.clock import utc_now
    from chorsu.kernel.ids import new_id
    from chorsu.training.models import Certificate, Enrolment
    from chorsu.training.queries.certificates import certificate
    from chorsu.wire.credential_code import encode_code
    from chorsu.wire.credential_file import parse_certificate

    now = utc_now()
    officer, group = passed.officer(academy), passed.cohort(academy, now)
    people = Person.objects.bulk_create(
        Person(email=f"holder{n}@bench.example", name=f"Айгүл Нұрланова {n}") for n in range(count)
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
    issued = Certificate.objects.filter(enrolment__cohort=group)
    chosen = issued.order_by("?").values_list("pk", flat=True)[:FILES]
    rows = [certificate(one, officer) for one in chosen]
    known = [signing_key().verify_key]
    compacts = [row.compact for row in rows]
    files = [certifying.file_of(row) for row in rows]
    codes = [encode_code(parse_certificate(one).signed).encode() for one in compacts]
    verified = "certificates_verified_per_s"
    return {
        "certificates": issued.count(),
        "certificates_issuing_s": round(issuing, 2),
        "certificates_issued_per_min": round(issued.count() / issuing * 60),
        "certificate_credential_bytes": len(compacts[0]),
        "certificate_code_chars": len(codes[0]),
        "certificate_file_bytes": len(files[0]),
        f"{verified}_credential": rate(compacts, known, "unconfirmed", seconds),
        f"{verified}_code": rate(codes, known, "unconfirmed", seconds),
        f"{verified}_file": rate(files, known, "genuine", seconds),
        f"{verified}_file_first_seen": rate(files, known, "genuine", seconds, first_seen=True),
    }


def rate(
    documents: list[bytes],
    known: list[Any],
    standing: str,
    seconds: float,
    *,
    first_seen: bool = False,
) -> int:
    """Verifications in a second of this process's own time, so of one core; all end so."""
    from chorsu.kernel.clock import utc_now
    from chorsu.wire.credential_file import forget_proven, parse_certificate, verify_certificate

    now, done, begun = utc_now(), 0, time.process_time()
    forget_proven()
    while time.process_time() - begun < seconds:
        for data in documents:
            if first_seen:
                forget_proven()
            verdict = verify_certificate(parse_certificate(data), known, now)
            if verdict.standing != standing:
                raise RuntimeError(f"{verdict.standing}, not {standing}")
        done += len(documents)
    return round(done / (time.process_time() - begun))


def missed(found: dict[str, Any]) -> list[str]:
    """Names of the figures that are not what is wanted of them."""
    rates = [name for name in found if name.startswith("certificates_verified_per_s")]
    return [name for name in rates if found[name] < PER_SECOND]


if __name__ == "__main__":
    main()
