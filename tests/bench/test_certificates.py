"""The bench of certificates issues real ones and verifies them as what they are."""

from __future__ import annotations

import pytest
import time_machine
from bench.certificates import measure, missed, rate

from chorsu.institutions.models import Institution
from chorsu.training.models import Certificate
from tests.vectors.credentials import SIGNED, certificate
from tests.vectors.sample import ASTANA, BEIJING, NOW

KNOWN = [BEIJING.verify_key, ASTANA.verify_key]


@pytest.mark.django_db
def test_what_is_measured_was_issued_and_holds(academy: Institution) -> None:
    found = measure(7, academy, seconds=0.01)
    assert found["certificates"] == Certificate.objects.count() == 7
    assert found["certificate_file_bytes"] > found["certificate_credential_bytes"] > 1000
    rates = [value for name, value in found.items() if "_per_" in name]
    assert len(rates) == 5
    assert min(rates) > 0


def test_a_document_that_is_not_what_is_measured_stops_the_bench() -> None:
    with time_machine.travel(NOW.replace(hour=12)):
        with pytest.raises(RuntimeError, match="unconfirmed, not genuine"):
            rate([SIGNED.compact], KNOWN, "genuine", 0.01)
        assert rate([certificate().to_bytes()], KNOWN, "genuine", 0.01) > 0


def test_a_rate_below_two_thousand_is_missed() -> None:
    slow, quick = "certificates_verified_per_s_file", "certificates_verified_per_s_code"
    assert missed({slow: 1999, quick: 2000, "certificates_issued_per_min": 3}) == [slow]
