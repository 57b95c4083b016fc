"""`chorsu verify FILE` at a node: with what the node knows (`chorsu.verifier` has the rest).

Of a certificate it says what the page *Check a document* says, of a PDF or picture of it too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError

from chorsu.exchange.keys import own_keys
from chorsu.exchange.proofs import known_keys
from chorsu.flows import certifying
from chorsu.institutions.queries import find_institution
from chorsu.training.documents.scanning import (
    NoCodeFound,
    OtherPicture,
    certificate_in,
    is_picture,
)
from chorsu.verifier import certificates
from chorsu.verifier.certificates import Answer, CheckedCertificate
from chorsu.verifier.command import run
from chorsu.verifier.words import Hosted, Reader
from chorsu.wire.credential_file import is_certificate
from chorsu.wire.errors import WireError
from chorsu.wire.succession import KnownKey, old_keys


class Command(BaseCommand):
    help = "Says who published a saved record or issued a certificate, and that it is unchanged."

    def run_from_argv(self, argv: list[str]) -> None:
        # The arguments and exit codes are those of the stand-alone command.
        sys.exit(run(argv[2:], _keys_of_the_node(), _certificate))

    def handle(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError("call chorsu.verifier.command.run")


def _keys_of_the_node() -> list[KnownKey]:
    try:
        return known_keys()
    except OperationalError:
        print("The node's database can't be reached; only its own key is known.", file=sys.stderr)
        own = own_keys()
        return [own.key.verify_key, *old_keys(own.chain)]


def _certificate(
    data: bytes, known: Sequence[KnownKey], now: datetime, reader: Reader
) -> Answer | None:
    """What the node says of a certificate in any form; None for what is none.

    Where its database can't be reached, what the certificate proves by itself.
    """
    try:
        if is_picture(data):
            data = certificate_in(data)
        elif not is_certificate(data):
            return None
        return _at_node(certifying.check(data, now), reader)
    except OtherPicture as other:
        return certificates.unread(other.form, reader)
    except NoCodeFound:
        return certificates.unread("", reader)
    except WireError as error:
        return certificates.refused(error, reader)
    except OperationalError:
        return certificates.answer(data, known, now, reader)


def _at_node(checked: CheckedCertificate, reader: Reader) -> Answer:
    institution = find_institution(checked.verdict.credential.institution)
    hosted = Hosted(institution.name(reader.language), institution.node) if institution else None
    return certificates.at_node(checked, reader, hosted)
