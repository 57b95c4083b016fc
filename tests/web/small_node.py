"""A small node with something on every page, and the people who open them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from chorsu.exchange import actions as exchange
from chorsu.exchange import erasures
from chorsu.flows import certifying, erasing
from chorsu.flows.erasing import Reason
from chorsu.flows.publishing import publish_draft
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.harvested import actions as harvested
from chorsu.harvested.models import HarvestedRecord
from chorsu.harvested.wire import Identity, parse_list
from chorsu.institutions.actions import invite, load_institutions, welcome_guest
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions
from chorsu.search.rules import Filters
from chorsu.search.saved import saved_by_id
from chorsu.search.saving import save
from chorsu.training.actions.bringing import bring
from chorsu.training.models import BroughtCertificate, Certificate, Enrolment
from chorsu.web.arriving import COOKIE as LTI_COOKIE
from chorsu.wire.credential import parse
from chorsu.wire.erasing import Erasure, ErasureAnswer, ErasureList
from chorsu.wire.identity import Identity as PeersPerson
from tests.foreign_repository import Foreign, dublin_core, envelope
from tests.practices.conftest import person
from tests.practices.content import RUSSIAN, ready_draft
from tests.training import passed
from tests.web.bank_kit import question_bank, shared_questions
from tests.web.course_editor.content import written
from tests.web.library import ID, KAZAKH, UZBEK, publish, text
from tests.web.small_class import learning
from tests.web.small_cohort import cohort
from tests.web.small_network import bundles, connections, peers
from tests.web.small_tools import BROWSER, learning_systems, outside

NOBODY = "nobody"
EDITOR = "editor"
ADMINISTRATOR = "administrator"
HALF_IN = "half-in"  # the password was right; the second step is still asked for
BY_PASSKEY = "by-passkey"  # signs in by passkey and has no password
GUEST = "guest"  # signs in from a peer
PEOPLE = (NOBODY, EDITOR, ADMINISTRATOR, HALF_IN, BY_PASSKEY, GUEST)
WITHDRAWN = "01a20b57-41cf-7240-9c2d-67167621df3c"
LONG = "## Why\n\n1. one\n2. [law](https://example.org)\n\n| Year | Days |\n|---|---|\n| 2024 | 2 |"


@dataclass(frozen=True, slots=True)
class SmallNode:
    """Its people by what they are called above, and the arguments that addresses take, by name."""

    people: dict[str, Person]
    arguments: dict[str, str]

    def client(self, who: str) -> Client:
        """The session of one of PEOPLE, who has shown a moment ago who they are."""
        client = Client()
        if who == HALF_IN:
            held = {"login": self.people[ADMINISTRATOR].email, "password": "correct horse"}
            client.post(reverse("account_login"), held)
        elif who != NOBODY:
            client.force_login(self.people[who])
            client.cookies[LTI_COOKIE] = BROWSER
            request = HttpRequest()
            request.session, request.user = client.session, self.people[who]
            record_authentication(request, self.people[who], "password", reauthenticated=True)
            request.session.save()
        return client


def small_node(academy: Institution, editor: Person, now: datetime) -> SmallNode:
    """Fill the database; for a test that may commit."""
    load_institutions(now=now)
    administrator = person(academy, "admin@hub.example", "Admin One", "administrator", "editor")
    Membership.objects.create(person=administrator, institution=academy, role="coordinator")
    by_passkey = person(academy, "key@hub.example", "Key Holder", "reader")
    by_passkey.set_unusable_password()
    by_passkey.save()
    # Somebody who does not sign in: that would end the link for a new password.
    by_mail = person(academy, "forgot@hub.example", "Who Forgot", "reader")
    TOTP.activate(administrator, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(administrator)
    invited = invite(
        by=administrator, email="new@hub.example", institution_id=academy.id,
        roles=["editor", "translator"], language="tk", now=now,
    )  # fmt: skip
    arguments = {
        "academy": academy.id,
        "practice": ID,
        "withdrawn": WITHDRAWN,
        "person": str(editor.pk),
        "invitation": str(invited.id),
        "token": invited.token,
        "passkey": str(_passkey(by_passkey)),
        "uid": user_pk_to_url_str(by_mail),
        "reset-key": default_token_generator.make_token(by_mail),
        "new-address": _new_address(editor),
    }
    _practices(editor, now)
    arguments |= _drafts(academy, editor, now) | peers(now) | foreign(now)
    arguments |= written(editor, now)
    arguments |= bundles(now) | _erasures(editor, now) | _saved(editor, now)
    arguments |= _certificates(academy, editor, administrator, now)
    arguments |= learning(academy, editor, administrator, now)
    arguments |= question_bank(editor, now) | shared_questions(editor, now)
    arguments |= outside(academy, editor, administrator, now)
    arguments |= cohort(academy, editor, administrator, now)
    arguments |= learning_systems(UUID(arguments["cohort"]), administrator, now)
    arguments |= connections(editor, now)
    guest = welcome_guest(
        node="beijing.chorsu.example",
        identity=PeersPerson(
            "a-guest-of-this-node", "李春燕", position="leading", language="zh-Hans"
        ),
        now=now,
    )
    people = {
        EDITOR: editor,
        ADMINISTRATOR: administrator,
        BY_PASSKEY: by_passkey,
        GUEST: guest,
    }
    return SmallNode(people, arguments)


def _erasures(editor: Person, now: datetime) -> dict[str, str]:
    """A practice with a file that is erased and one that is not, and a revision that is erased;
    what peers said to it; and a request of a peer that waits.
    """
    draft = ready_draft(editor, now, title="A register of queues")
    at = {"by": editor, "now": now}
    gone, left = (
        actions.add_file(draft_id=draft.id, upload=data, name=name, language="en", **at)
        for name, data in (("names.csv", b"name\nnobody\n"), ("days.csv", b"day\n2024-05-01\n"))
    )
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, **at)
    words = {**copy.words, "title": "A register of waiting"}
    saved = actions.save_draft(
        draft_id=copy.id, version=copy.version, words=words, facts=copy.facts, **at
    )
    publish_draft(draft_id=copy.id, version=saved.version, by=editor, now=now)
    first = erasing.targets_of(UUID(draft.id))[-1].blob
    reason = Reason("personal-data", "A citizen of the district was named in it.", "en")
    for blob in (gone.sha256, first):
        erasing.erase(record_id=UUID(draft.id), blob=blob, reason=reason, by=None, now=now)
    peer = "beijing.chorsu.example"
    numbers = [one.number for one in erasures.own_list(0).erasures]
    exchange.note_asked(peer_name=peer, numbers=numbers, now=now)
    kept = ErasureAnswer(gone.sha256, "kept", "used-here", now)
    exchange.note_answers(peer_name=peer, answers=[kept], now=now)
    asked = Erasure(
        1, "cd" * 32, "file", "practice", ID, 0, "rights", "照片不属于我们。", "zh-Hans",
        named=True, time=now,
    )  # fmt: skip
    exchange.keep_requests(peer_name=peer, found=ErasureList(peer, 0, 1, (asked,)))
    exchange.answer(peer_name=peer, blob=asked.blob, said="waiting", code="", now=now)
    waiting = erasures.requests(1, waiting=True)[0]
    return {
        "erased": draft.id,
        "left-file": left.sha256,
        "first-words": erasing.targets_of(UUID(ID))[-1].blob,
        "asked-erasure": str(waiting.id),
    }


def _practices(editor: Person, now: datetime) -> None:
    """One in four languages, of which a machine's has been overtaken; and one taken back."""
    texts = [
        text("ru", "human", RUSSIAN, 2),
        text("kk", "machine", KAZAKH, 1),
        text("uz", "edited", UZBEK, 2),
    ]
    publish(now, texts=[])
    publish(now + timedelta(days=1), texts=texts, results=LONG, note="Results of the third year")
    publish(now, WITHDRAWN, texts=[], title="Receptions on paper")
    withdraw_practice(practice_id=WITHDRAWN, reason="Its figures were wrong.", by=editor, now=now)
    actions.save_translation(
        practice_id=ID, language="tg", version=0, words={"title": "Равзанаи ягона"},
        provenance="human", translated_by="Шуъбаи тарҷума", revision=1, by=editor, now=now,
    )  # fmt: skip


def _drafts(academy: Institution, editor: Person, now: datetime) -> dict[str, str]:
    """One being written, with a file and remarks; one of somebody else's that waits for review."""
    draft = ready_draft(editor, now, problem=LONG)
    at = {"by": editor, "now": now}
    attached = actions.add_file(
        draft_id=draft.id, upload=b"year,visits\n2024,12\n", name="visits.csv", language="en", **at
    )
    actions.comment(draft_id=draft.id, field="title", text="Shorter?", **at)
    done = actions.comment(draft_id=draft.id, field="problem", text="Whom did it touch?", **at)
    actions.resolve_comment(comment_id=done.id, **at)
    writer = person(academy, "writer@hub.example", "Aigul Writer", "contributor")
    waiting = ready_draft(writer, now, title="A garden for each school", problem=LONG)
    actions.submit_draft(draft_id=waiting.id, version=waiting.version, by=writer, now=now)
    actions.comment(draft_id=waiting.id, field="results", text="Since when?", **at)
    return {
        "draft": draft.id,
        "file": attached.sha256,
        "waiting": waiting.id,
        "version": str(draft.version),
        "comment": str(done.id),
    }


def _certificates(
    academy: Institution, editor: Person, issuer: Person, now: datetime
) -> dict[str, str]:
    """A cohort of which some hold certificates: the editor a valid one and one replaced, one whose
    was revoked, one whose was deleted, one without a name, one who waits."""
    group = passed.cohort(academy, now)
    holder = Enrolment.objects.create(
        id=new_id(), cohort=group, person=editor, state="passed", created_at=now, queued_at=now,
        result_percent=91,
    )  # fmt: skip
    at = {"by": issuer, "now": now}
    first = certifying.issue(enrolment_id=holder.pk, renewable_by=str(group.course_id), **at)
    valid = certifying.correct(certificate_id=first, why="error", reason="A letter.", **at)
    other = passed.learner(group, now, name="Sapar Berdiýew")
    revoked = certifying.issue(enrolment_id=other.pk, renewable_by="", **at)
    certifying.revoke(
        certificate_id=revoked, why="misconduct", reason="The answers were another's.", **at
    )
    passed.learner(group, now, name="")
    passed.learner(group, now, name="王小明")
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", **at)
    certifying.issue_all(number=number, clock=lambda: now)
    compact = Certificate.objects.get(pk=valid).compact.encode()
    signed = parse(compact)
    bring(person=editor, node="beijing.chorsu.example", signed=signed, file=compact, now=now)
    gone = certifying.issue(
        enrolment_id=passed.learner(group, now, name="A Guest").pk, renewable_by="", **at
    )
    place = Certificate.objects.get(pk=gone).position_id
    Enrolment.objects.get(certificates=gone).delete()
    return {
        "cohort": str(group.pk),
        "deleted-certificate": str(place),
        "certificate": valid,
        "brought": str(BroughtCertificate.objects.get().pk),
        "revoked-certificate": revoked,
    }


def _new_address(owner: Person) -> str:
    """The key of a mail that asks to confirm another address."""
    made = EmailAddress.objects.create(user=owner, email="editor@new.example")
    return str(EmailConfirmationHMAC(made).key)


def _passkey(owner: Person) -> int:
    """Give somebody a passkey as a browser would have made it."""
    point = {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}
    credential = AttestedCredentialData.create(bytes(16), b"a passkey", ES256(point))
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    held = AuthenticatorData.create(bytes(32), flags, 0, credential)
    answer = {
        "clientDataJSON": CollectedClientData.create(
            CollectedClientData.TYPE.CREATE, b"challenge", "http://localhost"
        ),
        "attestationObject": AttestationObject.create("none", held, {}),
    }
    made = Authenticator.objects.create(
        user=owner,
        type="webauthn",
        data={
            "name": "Telephone",
            "credential": {
                "id": websafe_encode(b"a passkey"),
                "rawId": websafe_encode(b"a passkey"),
                "type": "public-key",
                "response": {name: websafe_encode(part) for name, part in answer.items()},
                "clientExtensionResults": {"credProps": {"rk": True}},
            },
        },
    )
    return int(made.pk)


def foreign(now: datetime) -> dict[str, str]:
    """A repository outside the network with one record, another that is in trouble."""
    for name in ("library", "archive"):
        identity = Identity(
            name=f"The {name} of Osh",
            address=f"https://{name}.example/oai",
            email=f"{name}@osh.example",
            earliest="2020-01-01",
            deleted="persistent",
            granularity="day",
        )
        number = harvested.add_repository(address=identity.address, identity=identity, now=now)
        harvested.want(repository_id=number)
        step = harvested.next_step(repository_id=number)
        assert step is not None
        if name == "archive":
            harvested.note_trouble(repository_id=number, code="malformed", detail="line 1", now=now)
            break
        more = (
            '<dc:title xml:lang="ru">Сельская библиотека как центр услуг</dc:title>'
            "<dc:creator>Regional library</dc:creator><dc:subject>Rural libraries</dc:subject>"
            "<dc:description>How a village library became a place where people ask the state."
            "</dc:description><dc:identifier>https://library.example/1</dc:identifier>"
        )
        record = Foreign(
            "oai:library:1",
            "2024-05-01",
            dublin_core("A village library", language="en", more=more),
        )
        page = parse_list(envelope(f"<ListRecords>{record.xml()}</ListRecords>"))
        harvested.store_page(repository_id=number, asked=step, answer=page, now=now)
        kept = str(HarvestedRecord.objects.get().pk)
        first = str(number)
    return {"foreign": kept, "repository": first}


def _saved(editor: Person, now: datetime) -> dict[str, str]:
    """A search that the editor keeps, with its secret addresses."""
    number = save(
        person=editor,
        question="window",
        filters=Filters(themes=("service-delivery",), years=(2020,)),
        alert="daily",
        language="ru",
        now=now,
    )
    view = saved_by_id(number)
    return {
        "saved-search": str(number),
        "stop-token": view.token("stop"),
        "feed-token": view.token("feed"),
    }
