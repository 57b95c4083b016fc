"""How allauth's OpenID Connect provider behaves here: each peer knows a person by another name."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings

from chorsu.exchange.identity_keys import identity_pem
from chorsu.flows.signing_in import homes, return_address
from chorsu.institutions.actions.connections import signed_in
from chorsu.institutions.connections import connection, person_by_subject
from chorsu.institutions.errors import NotConnected
from chorsu.institutions.models import Person
from chorsu.institutions.queries import reading_languages
from chorsu.kernel.clock import utc_now
from chorsu.web.locales import page_language
from chorsu.wire.identity import CLAIMS


def registered(name: str) -> Client | None:
    """A confirmed peer as a client of this provider, as it is now; None if it is none.

    A public client in OAuth's words: it has no secret. What proves it is the signature of its
    token request by the key that administrators compared (`web.across.machines`).
    """
    address = homes().get(name)
    if address is None:
        Client.objects.filter(pk=name).delete()
        return None
    wanted = {
        "name": name[:100],
        "secret": "",
        "type": Client.Type.PUBLIC,
        "grant_types": Client.GrantType.AUTHORIZATION_CODE,
        "response_types": "code",
        "scopes": "\n".join(("openid", *CLAIMS)),
        "redirect_uris": return_address(teaching=address, home=settings.NODE_NAME),
    }
    found, _made = Client.objects.update_or_create(pk=name, defaults=wanted)
    return found


class ProviderAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """allauth's adapter: issuer, keys, pairwise identifiers, and no claim but those agreed."""

    def get_issuer(self) -> str:
        """The node's own address; the Host header of a request has no say in it."""
        return str(settings.NODE_ADDRESS)

    def list_private_keys(
        self, *, did_activate: bool | None = None, is_active: bool | None = None
    ) -> list[PrivateKey]:
        """The one key of this node's ID tokens."""
        return [PrivateKey(pem=identity_pem())]

    def get_user_sub(self, client: Client, user: Person) -> str:
        """By what this client knows the person; raises `NotConnected`."""
        found = connection(user, client.pk)
        if found is None or found.state != "live":
            raise NotConnected(client.pk)
        return found.subject

    def get_user_by_sub(self, client: Client, sub: str) -> Person | None:
        """The person of an identifier, while they agree to it."""
        return person_by_subject(client.pk, sub)

    def get_claims(
        self,
        purpose: str,
        user: Person,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **_rest: object,
    ) -> dict[str, object]:
        """What the person agreed to, as long as they do, and of that what has a value."""
        found = connection(user, client.pk)
        agreed = set(scopes) & set(found.claims if found is not None else ())
        languages = reading_languages(user) or [page_language().tag]
        known = {
            "name": ("name", user.name),
            "email": ("email", user.email),
            "position": ("position", found.position if found is not None else ""),
            "language": ("locale", languages[0]),
        }
        told = [known[claim] for claim in CLAIMS if claim in agreed]
        claims: dict[str, object] = {name: value for name, value in told if value}
        return {"sub": self.get_user_sub(client, user), **claims}

    def populate_id_token(
        self, id_token: dict[str, object], client: Client, scopes: Iterable[str], **_rest: object
    ) -> None:
        """Nothing is added; the person sees later when this was."""
        signed_in(subject=str(id_token["sub"]), now=utc_now())
