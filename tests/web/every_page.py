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
    # Courses and learning
    _page("courses", NOBODY),
    _page("courses", EDITOR, query="?language=tk"),
    _page("courses", NOBODY, query="?theme=transport"),
    _page("course", NOBODY, "taught"),
    _page("course", NOBODY, "taught", query="?text=tk&beside=original"),
    _page("course-unit", NOBODY, "taught", "r1"),
    _page("course-unit", EDITOR, "taught", "q1"),
    _page("learning", EDITOR),
    _page("learning", ADMINISTRATOR),
    _page("learning-course", EDITOR, "enrolment"),
    *(_page("learning-unit", EDITOR, "enrolment", key) for key in ("r1", "s1", "r2", "q1", "a1")),
    *(_page("learning-unit", EDITOR, "outside", key) for key in ("r2", "q1")),
    _page("attempt", EDITOR, "enrolment", "attempt"),
    _page("attempt-finish", EDITOR, "enrolment", "attempt"),
    _page("attempt", EDITOR, "enrolment", "handed-in"),
    _page("learning-cards", EDITOR),
    _page("learning-cards", ADMINISTRATOR),
    _page("learning-cards-stop", NOBODY, "cards-token"),
    _page("learning-offline", NOBODY),
    _page("cohort-work", ADMINISTRATOR, "class"),
    _page("work-mark", ADMINISTRATOR, "class", "work"),
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
    # Certificates
    _page("certificates", EDITOR),
    _page("certificates", ADMINISTRATOR),
    _page("certificate", EDITOR, "certificate"),
    _page("certificate", ADMINISTRATOR, "revoked-certificate"),
    _page("certificate-end", ADMINISTRATOR, "certificate"),
    _page("certificates-issuing", ADMINISTRATOR),
    _page("certificates-issuing", EDITOR, status=403),
    _page("cohort-certificates", ADMINISTRATOR, "cohort"),
    # Questions of a course
    _page("questions", EDITOR, "bank"),
    _page("questions", ADMINISTRATOR, "bank"),
    *(
        _page("question-new", EDITOR, "bank", item_type)
        for item_type in ("single", "matching", "numeric", "short_text", "cloze", "essay")
    ),
    _page("question-edit", EDITOR, "bank", "question"),
    _page("question-edit", EDITOR, "bank", "question", query="?beside=kk"),
    _page("question-edit", EDITOR, "bank", "gaps"),
    _page("questions-import", EDITOR, "bank"),
    _page("questions-import-look", EDITOR, "bank", "question-import"),
    _page("questions-analysis", EDITOR, "bank"),
    _page("questions", EDITOR, "forked-course"),
    _page("questions-sharing", EDITOR, "shared-course"),
    _page("questions-sharing", EDITOR, "plain-course"),
    _page("course-questions", EDITOR, "shared-course"),
    _page("course-questions", EDITOR, "plain-course", status=404),
    _page("course-questions", GUEST, "shared-course", status=403),
    _page("course-draft-publish", EDITOR, "shared-course"),
    _page("course-fork", EDITOR, "shared-course"),
    # Cohorts
    _page("cohort", ADMINISTRATOR, "forks-cohort"),
    _page("cohorts", ADMINISTRATOR),
    _page("cohorts", EDITOR, query="?state=finished"),
    _page("cohort-new", ADMINISTRATOR),
    _page("cohort-new", EDITOR, status=403),
    _page("cohort", ADMINISTRATOR, "cohort"),
    _page("cohort", EDITOR, "cohort"),
    _page("cohort-edit", ADMINISTRATOR, "cohort"),
    _page("cohort-roster", ADMINISTRATOR, "cohort"),
    _page("cohort-roster", EDITOR, "cohort"),
    _page("learner", ADMINISTRATOR, "learner"),
    _page("cohort-results", ADMINISTRATOR, "cohort"),
    _page("cohort-messages", ADMINISTRATOR, "cohort"),
    _page("cohort-protocol", ADMINISTRATOR, "cohort"),
    _page("cohort-platforms", ADMINISTRATOR, "cohort"),
    _page("cohort", ADMINISTRATOR, "tool-cohort"),
    _page("cohort-figures", ADMINISTRATOR, "cohort"),
    _page("guests", ADMINISTRATOR),
    _page("session-new", ADMINISTRATOR, "cohort"),
    _page("session", ADMINISTRATOR, "session"),
    _page("session-edit", ADMINISTRATOR, "session"),
    _page("session-screen", ADMINISTRATOR, "session"),
    _page("cohort-import", EDITOR, "cohort"),
    _page("import", ADMINISTRATOR, "import"),
    _page("my-training", EDITOR),
    _page("my-training", BY_PASSKEY),
    _page("leave-cohort", EDITOR, "own-enrolment"),
    _page("attend", EDITOR, "screen"),
    _page("training-dashboard", ADMINISTRATOR),
    _page("employers", ADMINISTRATOR),
    _page("recognition", ADMINISTRATOR),
    _page("retention", ADMINISTRATOR),
    _page("training-person", ADMINISTRATOR, "person"),
    # Writing courses
    _page("course-draft-new", EDITOR),
    _page("course-draft-edit", EDITOR, "course-draft"),
    _page("course-draft-edit", EDITOR, "written-course"),
    _page("course-draft-unit", EDITOR, "course-draft", "rooms"),
    _page("course-draft-unit", EDITOR, "course-draft", "check"),
    _page("course-draft-unit", EDITOR, "course-draft", "letter"),
    _page("course-draft-unit", EDITOR, "course-draft", "film"),
    _page("course-draft-unit", EDITOR, "course-draft", "ask"),
    _page("course-draft-unit", EDITOR, "course-draft", "door"),
    _page("course-draft-preview", EDITOR, "course-draft"),
    _page("course-draft-preview-unit", EDITOR, "course-draft", "ask"),
    _page("course-draft-review", EDITOR, "course-draft"),
    _page("course-draft-review", EDITOR, "written-course"),
    _page("course-draft-publish", EDITOR, "course-draft"),
    _page("course-draft-discard", EDITOR, "course-draft"),
    _page("course-draft-versions", EDITOR, "course-draft"),
    _page("course-draft-version", EDITOR, "course-draft", "1"),
    _page("practice-teach", EDITOR, "practice"),
    _page("course-revise", EDITOR, "plain-course"),
    _page("course-fork", EDITOR, "written-course"),
    _page("course-withdraw", EDITOR, "written-course"),
    _page("course-history", NOBODY, "written-course"),
    _page("course-revision", NOBODY, "written-course", "1"),
    _page("course-translations", EDITOR, "written-course"),
    _page("course-translate", EDITOR, "written-course", "kk", "the_course"),
    _page("course-translate", EDITOR, "written-course", "kk", "rooms"),
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
    _page("practice-erase-blob", ADMINISTRATOR, "practice", "first-words"),
    _page("practice-erase-blob", ADMINISTRATOR, "erased", "left-file"),
    _page("course-erase", ADMINISTRATOR, "written-course"),
    _page("course-erase-blob", ADMINISTRATOR, "plain-course", "course-words"),
    _page("repositories", ADMINISTRATOR),
    _page("platforms", ADMINISTRATOR),
    _page("platforms", EDITOR, status=403),
    _page("platform-new", ADMINISTRATOR),
    _page("platform", ADMINISTRATOR, "platform"),
    _page("tools", ADMINISTRATOR),
    _page("tools", EDITOR, status=403),
    _page("lti-arrive", EDITOR, query="arrival"),
    _page("tool-content", EDITOR, "tool-content"),
    _page("course-draft-unit", EDITOR, "tool-draft", "sim"),
    _page("course-draft-preview-unit", EDITOR, "tool-draft", "sim"),
    _page("tool-new", ADMINISTRATOR),
    _page("tool", ADMINISTRATOR, "tool"),
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
    _page("cohort-teachers", ADMINISTRATOR, "cohort"),
    _page("cohort-move", ADMINISTRATOR, "cohort"),
    _page("cohort-revision", ADMINISTRATOR, "cohort"),
    _page("cohort-questions", ADMINISTRATOR, "cohort"),
    _page("cohort-calendar-renew", ADMINISTRATOR, "cohort"),
    _page("cohort-roster-act", ADMINISTRATOR, "cohort"),
    _page("cohort-protocol-csv", ADMINISTRATOR, "cohort"),
    _page("cohort-figures-csv", ADMINISTRATOR, "cohort", "progress"),
    _page("cohort-protocol-pdf", ADMINISTRATOR, "cohort"),
    _page("session-list", ADMINISTRATOR, "session"),
    _page("import-template", ADMINISTRATOR, "cohort"),
    _page("import-undo", ADMINISTRATOR, "import"),
    _page("my-training-data", EDITOR),
    _page("my-calendar-renew", EDITOR),
    _page("training-calendar", NOBODY, "calendar-token"),
    _page("training-dashboard-csv", ADMINISTRATOR, "hours"),
    _page("employer-officer", ADMINISTRATOR, "employer"),
    _page("recognition-remove", ADMINISTRATOR, "recognition"),
    _page("training-data", ADMINISTRATOR, "person"),
    _page("achievement-remove", ADMINISTRATOR, "document"),
    _page("peer-decide", ADMINISTRATOR, "peer"),
    _page("peer-from-file", ADMINISTRATOR),
    _page("bundle-take-in", ADMINISTRATOR),
    _page("bundle-part", ADMINISTRATOR, "bundle", "1"),
    _page("bundle-remove", ADMINISTRATOR, "bundle"),
    _page("restore-copies", ADMINISTRATOR),
    _page("restore-copies-remove", ADMINISTRATOR),
    _page("erasure-decide", ADMINISTRATOR, "asked-erasure"),
    _page("repository-decide", ADMINISTRATOR, "repository"),
    _page("person-active", ADMINISTRATOR, "academy", "person"),
    _page("invitation-revoke", ADMINISTRATOR, "academy", "invitation"),
    _page("connection-decide", EDITOR, "connection"),
    _page("guest-decide", ADMINISTRATOR, "person"),
    _page("guest-remove", ADMINISTRATOR, "launched-guest"),
    _page("certificate-brought", EDITOR, "brought"),
    _page("connection-confirmation", EDITOR, "forgotten-connection"),
    _page("audit-export", ADMINISTRATOR, "csv"),
    _page("institution-atom", NOBODY, "academy"),
    _page("saved-search-change", EDITOR, "saved-search"),
    _page("saved-search-feed", NOBODY, "feed-token"),
    _page("practice-save", NOBODY, "practice"),
    _page("course-save", NOBODY, "written-course"),
    _page("certificate-file", EDITOR, "certificate"),
    _page("certificate-credential", EDITOR, "certificate"),
    _page("certificate-pdf", EDITOR, "certificate", query="?first=kk&second=ru"),
    *(
        _page(f"learning-{name}", EDITOR, "enrolment", "r1")
        for name in ("done", "bookmark", "note", "position", "survey", "work", "keep-unit")
    ),
    _page("learning-lab", EDITOR, "outside", "r2"),
    _page("learning-tool", EDITOR, "outside", "q1"),
    _page("cohort-tool", ADMINISTRATOR, "tool-cohort", "q1"),
    _page("course-draft-tool", EDITOR, "tool-draft", "sim"),
    _page("course-draft-choose", EDITOR, "tool-draft", "sim", "tool"),
    _page("tool-remove", ADMINISTRATOR, "tool"),
    _page("platform-remove", ADMINISTRATOR, "platform"),
    _page("learning-keep-course", EDITOR, "enrolment"),
    _page("learning-file", EDITOR, "enrolment", "course-file"),
    _page("learning-token", EDITOR),
    _page("learning-card", EDITOR, "enrolment"),
    _page("learning-reminding", EDITOR),
    _page("quiz-begin", EDITOR, "enrolment", "q1"),
    _page("attempt-answer", EDITOR, "enrolment", "attempt"),
    _page("attempt-files", EDITOR, "enrolment", "attempt"),
    _page("attempt-file", EDITOR, "enrolment", "handed-in", "given-file"),
    _page("answer-file", ADMINISTRATOR, "class", "handed-in", "given-file"),
    _page("work-file", ADMINISTRATOR, "class", "work"),
    _page("answer-mark", ADMINISTRATOR, "class", "handed-in"),
    _page("extra-time", ADMINISTRATOR, "class", "enrolment"),
    _page("draft-file", EDITOR, "draft", "file"),
    _page("draft-comment", EDITOR, "draft"),
    _page("draft-resolve", EDITOR, "draft", "comment"),
    _page("draft-submit", EDITOR, "draft"),
    _page("draft-return", EDITOR, "draft"),
    _page("draft-restore", EDITOR, "draft", "1"),
    _page("practice-translate-discard", EDITOR, "practice", "kk"),
    _page("question-retire", EDITOR, "bank", "question"),
    _page("questions-export", EDITOR, "bank", "3.0"),
    _page("questions-analysis-csv", EDITOR, "bank"),
    _page("course-draft-file", EDITOR, "course-draft", "course-file"),
    _page("course-draft-restore", EDITOR, "course-draft", "1"),
    _page("course-draft-comment", EDITOR, "course-draft"),
    _page("course-draft-resolve", EDITOR, "course-draft", "course-comment"),
    _page("course-draft-submit", EDITOR, "course-draft"),
    _page("course-draft-return", EDITOR, "course-draft"),
    _page("course-translate-discard", EDITOR, "written-course", "kk"),
    _page("account_confirm_login_code", NOBODY),
    _page("mfa_download_recovery_codes", ADMINISTRATOR),
    _page("mfa_login_webauthn", NOBODY),
)


def names() -> set[str]:
    """The names of all addresses that stand behind a language, and of the one page that does not:
    a learning system leads to it.
    """
    return {*_names(urlpatterns), "lti-arrive"}


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _names(one.url_patterns)
        elif one.name:
            yield one.name
