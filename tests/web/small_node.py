"""A small node with something on every page, and the people who open them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
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
from chorsu.exchange import blobs, erasures
from chorsu.exchange.models import Peer, PeerEntry, WantedBlob
from chorsu.exchange.restorations import Lost, Shown
from chorsu.flows import certifying, erasing
from chorsu.flows.erasing import Reason
from chorsu.flows.publishing import publish_draft
from chorsu.flows.signing_in import homes, return_address
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.harvested import actions as harvested
from chorsu.harvested.models import HarvestedRecord
from chorsu.harvested.wire import Identity, parse_list
from chorsu.institutions.actions import invite, load_institutions, welcome_guest
from chorsu.institutions.actions.connections import agree, end, want_forgotten, was_forgotten
from chorsu.institutions.connections import connection
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions
from chorsu.practices.wire import PublishedFile
from chorsu.search.rules import Filters
from chorsu.search.saved import saved_by_id
from chorsu.search.saving import save
from chorsu.training.actions.bringing import bring
from chorsu.training.models import BroughtCertificate, Certificate, Enrolment
from chorsu.wire.credential import parse
from chorsu.wire.erasing import Erasure, ErasureAnswer, ErasureList
from chorsu.wire.identity import Forgotten
from chorsu.wire.identity import Identity as PeersPerson
from tests.flows import remote
from tests.foreign_repository import Foreign, dublin_core, envelope
from tests.memory_node import MemoryNode
from tests.practices.conftest import person
from tests.practices.content import RUSSIAN, ready_draft
from tests.training import passed
from tests.web.bank_kit import question_bank, shared_questions
from tests.web.course_editor.content import written
from tests.web.library import ID, KAZAKH, UZBEK, publish, text
from tests.web.small_class import learning
from tests.web.small_cohort import cohort
from tests.web.small_tools import learning_systems, outside

NOBODY = "nobody"
EDITOR = "editor"
ADMINISTRATOR = "administrator"
HALF_IN = "half-in"  # the password was right; the second step is still asked for
BY_PASSKEY = "by-passkey"  # signs in by passkey and has no password
GUEST = "guest"  # signs in from a peer
PEOPLE = (NOBODY, EDITOR, ADMINISTRATOR, HALF_IN, BY_PASSKEY, GUEST)
SET_ASIDE = "01a20b57-41cf-7240-9c2d-67167621df4a"
PEERS = "01a20b57-41cf-7240-9c2d-67167621df3d"
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
    arguments |= _drafts(academy, editor, now) | _peers(now) | foreign(now)
    arguments |= written(editor, now)
    arguments |= _bundles(now) | _erasures(editor, now) | _saved(editor, now)
    arguments |= _certificates(academy, editor, administrator, now)
    arguments |= learning(academy, editor, administrator, now)
    arguments |= question_bank(editor, now) | shared_questions(editor, now)
    arguments |= outside(academy, editor, administrator, now)
    arguments |= cohort(academy, editor, administrator, now)
    arguments |= learning_systems(UUID(arguments["cohort"]), administrator, now)
    arguments |= _connections(editor, now)
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


def _connections(editor: Person, now: datetime) -> dict[str, str]:
    """One that lives, one that is ended, one of a node asked to forget, one forgotten; and the
    question of a peer whose page asks for more.
    """
    made: dict[str, int] = {}
    for city in ("beijing", "ashgabat", "tashkent", "nowhere"):
        node = f"{city}.chorsu.example"
        agree(person=editor, node=node, claims=["name", "position"], position="leading", now=now)
        found = connection(editor, node)
        assert found is not None
        made[city] = found.id
    at = {"person": editor, "now": now}
    end(connection_id=made["ashgabat"], **at)
    want_forgotten(connection_id=made["nowhere"], **at)
    want_forgotten(connection_id=made["tashkent"], **at)
    said = Forgotten("hub.chorsu.example", "a-person-elsewhere", 12, now)
    was_forgotten(connection_id=made["tashkent"], answer=said, note=b"a note", now=now)
    asked = {
        "response_type": "code",
        "client_id": "beijing.chorsu.example",
        "redirect_uri": return_address(
            teaching=homes()["beijing.chorsu.example"], home=settings.NODE_NAME
        ),
        "scope": "openid name email position language",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": "a-challenge",
        "code_challenge_method": "S256",
    }
    return {
        "connection": str(made["beijing"]),
        "forgotten-connection": str(made["tashkent"]),
        "allow-query": f"?{urlencode(asked)}",
    }


def _bundles(now: datetime) -> dict[str, str]:
    """One made, one that waits, one under way, one taken in that lacks something, one refused."""
    peer = "beijing.chorsu.example"
    report = {"since": 0, "size": 1204, "sealed": True, "left_out": ["ab" * 32]}
    report |= {"left_out_count": 1, "lost": [], "lost_count": 0}
    made = exchange.add_export(peer_name=peer, since=0, max_bytes=4 * 10**9, now=now)
    files = [(f"hub-for-{peer}-0.{n}of2.zip.age", 3_900_000_000 // n) for n in (1, 2)]
    exchange.end_work(number=made, peer_name=peer, files=files, report=report, now=now)
    exchange.add_export(peer_name=peer, since=1204, max_bytes=4 * 10**9, now=now)
    under_way = exchange.add_export(peer_name=peer, since=0, max_bytes=4 * 10**9, now=now)
    exchange.begin_work(number=under_way)
    exchange.advance_work(number=under_way, done=1_300_000_000, total=3_900_000_000)
    taken = exchange.add_import(file_name="part", size=700_000_000, now=now)
    came = {"origin": peer, "part": 1, "parts": 2, "since": 0, "size": 1204, "sealed": False}
    came |= {"cut": True, "entries": 1204, "accepted": 1100, "refused": 0, "files": 12}
    came |= {"missing_records": 104, "missing_files": 3}
    came |= {"missing_parts": [f"{peer}-for-hub-0.2of2.zip"]}
    exchange.end_work(number=taken, peer_name=peer, files=[("part", 1)], report=came, now=now)
    other = exchange.add_import(file_name="part", size=700_000_000, now=now)
    exchange.fail_work(number=other, peer_name=peer, code="bundle-not-ours", detail="x", now=now)
    return {"bundle": str(made)}


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


def _peers(now: datetime) -> dict[str, str]:
    """One in sync with a file that lies there, one in trouble with entries, one that asks, one set
    aside."""
    foreign_file: dict[str, str] = {}
    for name, institution in (("beijing", "cn-nag"), ("ashgabat", "tm-acs"), ("astana", "kz-apa")):
        node = MemoryNode(f"{name}.chorsu.example", institutions=(institution,))
        exchange.add_peer(document=node.document(), now=now)
        if name != "astana":
            exchange.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
        if name == "beijing":
            foreign_file = _file_of_a_peer(node, now)
    seen = {"looked_at": now, "verified_size": 1204, "offered_size": 1204}
    Peer.objects.filter(institutions=["cn-nag"]).update(
        answered_at=now, confirmed_by_peer=True, **seen
    )
    troubled = Peer.objects.get(name="ashgabat.chorsu.example")
    Peer.objects.filter(pk=troubled.pk).update(
        trouble="unreachable", trouble_detail="errno 111", **seen
    )
    for index, (state, reason) in enumerate(
        [("unknown", "unknown-kind"), ("refused", "blob-hash"), ("stored", "")]
    ):
        PeerEntry.objects.create(
            peer=troubled, index=index, leaf=b"{}", kind="poem" if index == 0 else "practice",
            state=state, reason=reason, revision=1, arrived_at=now, at=now,
        )  # fmt: skip
    _seen_and_lost(troubled.name, now)
    _set_aside(now)
    return {
        "peer": troubled.name,
        "asking": "astana.chorsu.example",
        "set-aside": SET_ASIDE,
    } | foreign_file


def _file_of_a_peer(node: MemoryNode, now: datetime) -> dict[str, str]:
    """A practice for the network whose film is fetched when somebody opens it; some has come."""
    node.now = lambda: now
    exchange.set_policy(name=node.name, files="wanted", ahead_max_mb=20, max_kb_per_second=64)
    size = 34_000_000
    film = PublishedFile("ab" * 32, size, "application/pdf", "minutes of the year.pdf", "zh-Hans")
    form = remote.practice(node, PEERS, audience="network", files=(film,))
    remote.take_in(node, form, at=now, now=now)
    WantedBlob.objects.create(
        peer=Peer.objects.get(name=node.name), record_id=PEERS, sha256=film.sha256, size=size,
        media_type=film.media_type, audience="network",
    )  # fmt: skip
    with blobs.partial_path(film.sha256).open("wb") as file:
        file.truncate(12_000_000)
    return {"peers-practice": PEERS, "peers-file": film.sha256}


def _set_aside(now: datetime) -> None:
    """A peer whose log does not add up, with a practice of it that is here."""
    node = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    node.now = lambda: now + timedelta(hours=1)
    remote.make_peer(node, now)
    form = replace(remote.practice(node, SET_ASIDE), institution="uz-apa")
    remote.take_in(node, form, at=node.now(), now=now)
    exchange.set_aside(name=node.name, code="fork", evidence="two notes", now=now)


def _seen_and_lost(peer: str, now: datetime) -> None:
    """What another has seen of a peer's log; a restoring of the own one that lacks something."""
    seen = {"witness": "beijing.chorsu.example", "subject": peer, "note": b"", "now": now}
    exchange.record_sighting(size=1300, seen_at=now, **seen)
    exchange.ask_restoration(now=now)
    shown = [Shown("beijing.chorsu.example", 1204, ""), Shown(peer, -1, "unreachable")]
    exchange.begin_restoration(peers=shown, size=1204)
    exchange.note_lost(
        record_id=UUID(ID),
        lost=[
            Lost(3, UUID(ID), "ab" * 32, 516, is_file=True, reason="peer-lacks"),
            Lost(4, UUID(ID), "cd" * 32, 516, is_file=False, reason="peer-erased"),
        ],
    )
    exchange.fail_restoration(code="copy-incomplete", detail="1100 of 1204", now=now)


def _certificates(
    academy: Institution, editor: Person, issuer: Person, now: datetime
) -> dict[str, str]:
    """A cohort of which some hold certificates: the editor a valid one and one replaced, one whose
    was revoked, one without a name, one who waits."""
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
    return {
        "cohort": str(group.pk),
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
