"""Credentials against what Open Badges 3.0 and the VC Data Model 2.0 ask of them.

The members required are those of the classes in 1EdTech Open Badges 3.0, appendix A; what is
refused are the changes that the public test suite of the data model makes to a credential, each
signed by the issuer's own key, so that only its form can be what is wrong.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chorsu.wire.credential import CONTEXTS, parse, sign_members
from tests.vectors.credentials import CREDENTIAL
from tests.vectors.sample import BEIJING
from tests.wire.refusal import refusal

Members = dict[str, Any]
URI = re.compile(r"(?:https?://|urn:uuid:|urn:x-|did:web:)[^\s]+")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# Class -> member -> what it is; `*` where there are several, `?` where it may be left out.
CLASSES: Mapping[str, Mapping[str, str]] = {
    "AchievementCredential": {
        "id": "uri", "name": "text", "issuer": "Profile", "validFrom": "time",
        "validUntil": "time?", "credentialSubject": "AchievementSubject",
        "credentialStatus": "BitstringStatusListEntry",
    },
    "Profile": {"id": "uri", "type": "of Profile", "name": "text"},
    "AchievementSubject": {
        "id": "uri", "type": "of AchievementSubject", "achievement": "Achievement",
        "identifier": "IdentityObject*", "licenseNumber": "text", "creditsEarned": "number",
        "activityStartDate": "time", "activityEndDate": "time", "result": "Result*",
    },
    "Achievement": {
        "id": "uri", "type": "of Achievement", "achievementType": "text", "name": "text",
        "description": "text", "criteria": "Criteria", "creditsAvailable": "number",
        "version": "text", "alignment": "Alignment*", "resultDescription": "ResultDescription*",
    },
    "Criteria": {"id": "uri"},
    "IdentityObject": {
        "type": "of IdentityObject", "hashed": "boolean", "identityHash": "text",
        "identityType": "text",
    },
    "Alignment": {
        "type": "of Alignment", "targetName": "text", "targetUrl": "uri", "targetCode": "text",
    },
    "ResultDescription": {
        "id": "uri", "type": "of ResultDescription", "name": "text", "resultType": "text",
        "requiredValue": "text",
    },
    "Result": {"type": "of Result", "resultDescription": "uri", "value": "text"},
    "BitstringStatusListEntry": {
        "id": "uri", "type": "of BitstringStatusListEntry", "statusPurpose": "text",
        "statusListIndex": "text", "statusListCredential": "uri",
    },
}  # fmt: skip
JOSE = {"iss", "jti", "sub", "nbf", "exp"}
"""Claims beside the credential, Open Badges 3.0 section 8.2.4."""


def lacking(name: str, value: object, path: str) -> list[str]:
    """What of a class is missing or of another kind, as paths."""
    if not isinstance(value, dict):
        return [path]
    found: list[str] = []
    for member, kind in CLASSES[name].items():
        here = f"{path}.{member}"
        if kind.endswith("?") and member not in value:
            continue
        wanted, one = kind.rstrip("?*"), value.get(member)
        for each in one if kind.endswith("*") and isinstance(one, list) else [one]:
            found += lacking(wanted, each, here) if wanted in CLASSES else []
            found += [here] if wanted not in CLASSES and not is_of(wanted, each) else []
    return found


def is_of(kind: str, value: object) -> bool:
    if kind.startswith("of "):
        return kind[3:] in (value if isinstance(value, list) else [value])
    if kind in ("boolean", "number"):
        return isinstance(value, bool) == (kind == "boolean") and isinstance(value, int)
    form = {"uri": URI, "time": DATE_TIME, "text": re.compile(r".+", re.DOTALL)}[kind]
    return isinstance(value, str) and form.fullmatch(value) is not None


def test_a_credential_has_what_its_classes_require_and_nothing_unnamed() -> None:
    members: Members = dict(CREDENTIAL.members())

    assert lacking("AchievementCredential", members, "$") == []
    assert members["@context"] == list(CONTEXTS)
    assert members["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    named = {*CLASSES["AchievementCredential"], "@context", "type", *JOSE, "chorsu"}
    assert members.keys() == named
    for name, path in [("Profile", ["issuer"]), ("AchievementSubject", ["credentialSubject"]),
                       ("Achievement", ["credentialSubject", "achievement"])]:  # fmt: skip
        value: Any = members
        for member in path:
            value = value[member]
        assert value.keys() == CLASSES[name].keys()


def test_claims_beside_the_credential_repeat_it() -> None:
    members: Members = dict(CREDENTIAL.members())

    assert members["iss"] == members["issuer"]["id"]
    assert members["jti"] == members["id"]
    assert members["sub"] == members["credentialSubject"]["id"]
    assert members["nbf"] == int(CREDENTIAL.valid_from.timestamp())
    assert CREDENTIAL.valid_until is not None
    assert members["exp"] == int(CREDENTIAL.valid_until.timestamp())


def put(*path: str, value: object) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        holder = members
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = value

    return change


def without(*path: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        holder = members
        for name in path[:-1]:
            holder = holder[name]
        del holder[path[-1]]

    return change


CHANGES: Mapping[str, Callable[[Members], None]] = {
    "no context": without("@context"),
    "base context missing": put("@context", value=list(CONTEXTS[1:])),
    "contexts in another order": put("@context", value=[CONTEXTS[1], CONTEXTS[0], CONTEXTS[2]]),
    "a context in place": put("@context", value=[*CONTEXTS, {"@vocab": "https://x.example/"}]),
    "no type": without("type"),
    "base type missing": put("type", value=["OpenBadgeCredential"]),
    "an unmapped type": put("type", value=["VerifiableCredential", "OpenBadgeCredential", "X"]),
    "two ids": put("id", value=["urn:uuid:1", "urn:uuid:2"]),
    "an id that is no URL": put("id", value="not a url"),
    "no issuer": without("issuer"),
    "issuer null": put("issuer", value=None),
    "issuer that is no URL": put("issuer", "id", value="not-a-url"),
    "issuer without id": without("issuer", "id"),
    "no subject": without("credentialSubject"),
    "an empty subject": put("credentialSubject", value={}),
    "no subjects": put("credentialSubject", value=[]),
    "subject that is no URL": put("credentialSubject", "id", value="the learner"),
    "no start of validity": without("validFrom"),
    "a start that is no time": put("validFrom", value="2026-11-24"),
    "a start with blanks": put("validFrom", value="2026-11-24T02:08:43Z "),
    "an end before the start": put("validUntil", value="2020-01-01T00:00:00Z"),
    "status without type": without("credentialStatus", "type"),
    "status without list": without("credentialStatus", "statusListCredential"),
    "status that is no URL": put("credentialStatus", "id", value="status"),
    "a status for something else": put("credentialStatus", "statusPurpose", value="message"),
    "an index that is a number": put("credentialStatus", "statusListIndex", value=94_567),
    "an index below nought": put("credentialStatus", "statusListIndex", value="-1"),
    "evidence without type": put("evidence", value=[{"id": "https://x.example/e"}]),
    "terms of use": put("termsOfUse", value={"type": "TrustFrameworkPolicy"}),
    "a schema without type": put("credentialSchema", value={"id": "https://x.example/s"}),
    "refreshing": put("refreshService", value={"type": "VerifiableCredentialRefreshService"}),
    "a proof within": put("proof", value={"type": "DataIntegrityProof"}),
    "a name in a language": put("name", value={"@value": "Course", "@language": "en"}),
    "achievement without criteria": without("credentialSubject", "achievement", "criteria"),
    "achievement without name": without("credentialSubject", "achievement", "name"),
    "alignment without target": put(
        "credentialSubject", "achievement", "alignment", value=[{"type": ["Alignment"]}]
    ),
    "a result of nothing": put("credentialSubject", "result", value=[{"type": ["Result"]}]),
    "credits that are a text": put("credentialSubject", "creditsEarned", value="72"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_standards_refuse_is_refused_though_the_issuer_signed_it(change: str) -> None:
    members: Members = copy.deepcopy(dict(CREDENTIAL.members()))
    CHANGES[change](members)

    assert refusal(lambda: parse(sign_members(members, BEIJING))) == "credential-malformed"


def test_the_same_credential_unchanged_is_read() -> None:
    assert parse(sign_members(CREDENTIAL.members(), BEIJING)).credential == CREDENTIAL
