"""Every page of a node: who opens it, and with what. A page that is not here fails a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import override

from chorsu.web.urls_pages import urlpatterns
from tests.web.small_node import (
    ADMINISTRATOR,
    BY_PASSKEY,
    EDITOR,
    GUEST,
    HALF_IN,
    NOBODY,
    SmallNode,
)


@dataclass(frozen=True, slots=True)
class PageToOpen:
    """One page as one person opens it; `arguments` name those of the small node, or stand as is."""

    name: str
    who: str
    arguments: tuple[str, ...] = ()
    query: str = ""
    status: int = 200

    def address(self, node: SmallNode, language: str) -> str:
        """Path and query in a language (Django's code of it)."""
        with override(language):
            given = [node.arguments.get(one, one) for one in self.arguments]
            return reverse(self.name, args=given) + node.arguments.get(self.query, self.query)

    def leads_to(self, node: SmallNode, language: str) -> str:
        """Where its address leads: to itself, but for a link that hides its key."""
        here = self.address(node, language)
        return here.replace(node.arguments["reset-key"], "set-password")

    def __str__(self) -> str:
        return " ".join((self.name, *self.arguments, self.query, f"({self.who})"))


def _page(name: str, who: str, *arguments: str, query: str = "", status: int = 200) -> PageToOpen:
    return PageToOpen(name, who, arguments, query, status)


PAGES = (
    # Reading
    _page("home", NOBODY),
    _page("home", EDITOR),
    _page("practices", NOBODY),
    _page("practices", EDITOR, query="?theme=service-delivery&level=village"),
    _page("practices", NOBODY, query="?theme=transport"),
    _page("practice", NOBODY, "practice"),
    _page("practice", EDITOR, "practice", query="?text=kk&script=Latn"),
    _page("practice", NOBODY, "practice", query="?text=ru&beside=original"),
    _page("practice", NOBODY, "withdrawn", status=410),
    _page("practice", EDITOR, "peers-practice"),
    _page("practice", NOBODY, "set-aside"),
    _page("practice-revision", NOBODY, "set-aside", "1"),
    _page("practice-file", EDITOR, "peers-practice", "peers-file"),
    _page("practice-file", NOBODY, "peers-practice", "peers-file", status=404),
    _page("practice-history", NOBODY, "practice"),
    _page("practice-revision", NOBODY, "practice", "1"),
    _page("practice-revision", NOBODY, "practice", "2"),
    _page("practice", NOBODY, "erased"),
    _page("practice-history", NOBODY, "erased"),
    _page("practice-revision", NOBODY, "erased", "1", status=410),
    _page("institutions", NOBODY),
    _page("institution", NOBODY, "academy"),
    _page("institution", ADMINISTRATOR, "cn-nag"),
    _page("verify", NOBODY),
    _page("search", NOBODY),
    _page("search", NOBODY, query="?q=window"),
    _page("search", NOBODY, query="?q=%E4%B8%80%E7%AB%99%E5%BC%8F&theme=transport"),
    _page("search", EDITOR, query="?q=windov"),
    _page("practice", NOBODY, "practice", query="?find=window&text=ru"),
    _page("saved-search-stop", NOBODY, "stop-token"),
    _page("saved-searches", EDITOR),
    _page("saved-searches", ADMINISTRATOR),
    _page("harvested", NOBODY, "foreign"),
    _page("search", NOBODY, query="?q=library"),
    _page("help", NOBODY),
    _page("help-topic", NOBODY, "writing"),
    _page("help-topic", NOBODY, "administering"),
    _page("help-topic", NOBODY, "nowhere", status=404),
    # Writing
    _page("work", EDITOR),
    _page("work", BY_PASSKEY),
    _page("draft-new", EDITOR),
    _page("draft-edit", EDITOR, "draft"),
    _page("draft-preview", EDITOR, "draft"),
    _page("draft-review", EDITOR, "waiting"),
    _page("draft-publish", EDITOR, "draft"),
    _page("draft-discard", EDITOR, "draft"),
    _page("draft-versions", EDITOR, "draft"),
    _page("draft-version", EDITOR, "draft", "1"),
    _page("practice-revise", EDITOR, "practice"),
    _page("practice-begin", EDITOR, "practice"),
    _page("practice-withdraw", EDITOR, "practice"),
    _page("translate", EDITOR, "practice"),
    _page("practice-translate", EDITOR, "practice", "kk"),
    _page("practice-translate", EDITOR, "practice", "zh-Hans"),
    # The node
    _page("node", NOBODY),
    _page("node-key", ADMINISTRATOR),
    _page("peers", ADMINISTRATOR),
    _page("peer", ADMINISTRATOR, "peer"),
    _page("peer", ADMINISTRATOR, "asking"),
    _page("bundles", ADMINISTRATOR),
    _page("restore", ADMINISTRATOR),
    _page("erasures", ADMINISTRATOR),
    _page("practice-erase", ADMINISTRATOR, "erased"),
    _page("erase", ADMINISTRATOR, "practice", "first-words"),
    _page("erase", ADMINISTRATOR, "erased", "left-file"),
    _page("repositories", ADMINISTRATOR),
    _page("people", ADMINISTRATOR),
    _page("people", EDITOR, status=403),
    _page("person", ADMINISTRATOR, "academy", "person"),
    _page("invitation", NOBODY, "token"),
    _page("invitation", EDITOR, "token"),
    _page("invitation", NOBODY, "unknown", status=404),
    _page("institution-edit", ADMINISTRATOR, "academy"),
    _page("branch-add", ADMINISTRATOR, "academy"),
    _page("audit", ADMINISTRATOR),
    # One's account
    _page("account", EDITOR),
    _page("account", ADMINISTRATOR),
    _page("account", GUEST),
    _page("account-languages", EDITOR),
    _page("account_set_password", GUEST, status=403),
    # Signing in across nodes
    _page("sign-in-academy", NOBODY),
    _page("sign-in-allow", EDITOR, query="allow-query"),
    _page("sign-in-allow", NOBODY, query="?client_id=evil.example", status=400),
    _page("sign-in-depart", NOBODY, "nowhere.example", status=404),
    _page("connections", EDITOR),
    _page("connections", ADMINISTRATOR),
    _page("connection-forget", EDITOR, "connection"),
    _page("account_login", NOBODY),
    _page("account_logout", EDITOR),
    _page("account_inactive", NOBODY),
    _page("account_signup", NOBODY),
    _page("account_reauthenticate", EDITOR),
    _page("account_email", EDITOR),
    _page("account_email_verification_sent", NOBODY),
    _page("account_confirm_email", EDITOR, "new-address"),
    _page("account_change_password", EDITOR),
    _page("account_set_password", BY_PASSKEY),
    _page("account_reset_password", NOBODY),
    _page("account_reset_password_done", NOBODY),
    _page("account_reset_password_from_key", NOBODY, "uid", "reset-key"),
    _page("account_reset_password_from_key_done", NOBODY),
    _page("mfa_index", EDITOR),
    _page("mfa_index", ADMINISTRATOR),
    _page("mfa_authenticate", HALF_IN),
    _page("mfa_reauthenticate", ADMINISTRATOR),
    _page("mfa_activate_totp", EDITOR),
    _page("mfa_deactivate_totp", ADMINISTRATOR),
    _page("mfa_view_recovery_codes", ADMINISTRATOR),
    _page("mfa_generate_recovery_codes", ADMINISTRATOR),
    _page("mfa_list_webauthn", BY_PASSKEY),
    _page("mfa_add_webauthn", BY_PASSKEY),
    _page("mfa_edit_webauthn", BY_PASSKEY, "passkey"),
    _page("mfa_remove_webauthn", BY_PASSKEY, "passkey"),
    _page("mfa_reauthenticate_webauthn", BY_PASSKEY),
)

# What has an address with a language and shows no page: forms posted to it, files, JSON.
NO_PAGES = (
    _page("peer-decide", ADMINISTRATOR, "peer"),
    _page("peer-from-file", ADMINISTRATOR),
    _page("bundle-take-in", ADMINISTRATOR),
    _page("bundle-part", ADMINISTRATOR, "bundle", "1"),
    _page("bundle-remove", ADMINISTRATOR, "bundle"),
    _page("erasure-decide", ADMINISTRATOR, "asked-erasure"),
    _page("repository-decide", ADMINISTRATOR, "repository"),
    _page("person-active", ADMINISTRATOR, "academy", "person"),
    _page("invitation-revoke", ADMINISTRATOR, "academy", "invitation"),
    _page("connection-decide", EDITOR, "connection"),
    _page("connection-confirmation", EDITOR, "forgotten-connection"),
    _page("audit-export", ADMINISTRATOR, "csv"),
    _page("institution-atom", NOBODY, "academy"),
    _page("saved-search-change", EDITOR, "saved-search"),
    _page("saved-search-feed", NOBODY, "feed-token"),
    _page("practice-save", NOBODY, "practice"),
    _page("draft-file", EDITOR, "draft", "file"),
    _page("draft-comment", EDITOR, "draft"),
    _page("draft-resolve", EDITOR, "draft", "comment"),
    _page("draft-submit", EDITOR, "draft"),
    _page("draft-return", EDITOR, "draft"),
    _page("draft-restore", EDITOR, "draft", "1"),
    _page("practice-translate-discard", EDITOR, "practice", "kk"),
    _page("account_confirm_login_code", NOBODY),
    _page("mfa_download_recovery_codes", ADMINISTRATOR),
    _page("mfa_login_webauthn", NOBODY),
)


def names() -> set[str]:
    """The names of all addresses that stand behind a language."""
    return set(_names(urlpatterns))


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _names(one.url_patterns)
        elif one.name:
            yield one.name
