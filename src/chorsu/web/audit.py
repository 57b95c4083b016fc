"""The audit log: who did what when; for administrators of the node."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, time, timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from chorsu.institutions import queries
from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Role
from chorsu.institutions.queries import AuditFilter, AuditView
from chorsu.kernel.clock import format_time, utc_now
from chorsu.kernel.languages import LANGUAGES
from chorsu.training.queries.cohorts import State
from chorsu.web.access import node_administrator
from chorsu.web.across.consent import CLAIM_LABELS
from chorsu.web.labels import KEPT_LABELS, PROVENANCES, Labels, label

PAGE = 50
COLUMNS = ("at", "person", "action", "subject_kind", "subject_id", "detail")

# What the codes are called on the page; exports carry the codes, which never change.
LABELS: dict[str, str | Promise] = {
    "certificate.brought": _("Certificate fetched from where a person learned"),
    "certificate.brought_ended": _("Certificate from elsewhere found revoked"),
    "certificate.corrected": _("Certificate replaced by a corrected one"),
    "certificate.issue-asked": _("Certificates of a cohort asked for"),
    "certificate.issued": _("Certificate issued"),
    "certificate.issued-all": _("Certificates of a cohort issued"),
    "certificate.revoked": _("Certificate revoked"),
    "result.corrected": _("Result from elsewhere corrected where a person learned"),
    "result.reported": _("Result reported from where a person learned"),
    "result.taken_back": _("Result from elsewhere taken back"),
    "draft.begun-from": _("Draft begun from a practice"),
    "draft.carried-on": _("Draft kept after a withdrawal"),
    "draft.created": _("Draft begun"),
    "draft.discarded": _("Draft discarded"),
    "draft.returned": _("Draft returned to its writer"),
    "draft.submitted": _("Draft submitted"),
    "nomination.file_added": _("Document added to a nomination"),
    "nomination.file_removed": _("Document of a nomination taken away"),
    "peer.added": _("Peer added"),
    "peer.asked": _("A node asked to be a peer"),
    "peer.by-network": _("Peer reached by the network from now on"),
    "peer.carried": _("Peer reached by carried bundles from now on"),
    "peer.confirmed": _("Peer confirmed"),
    "peer.forgotten": _("Peer forgotten"),
    "peer.policy-set": _("Decided when a peer's files are fetched"),
    "peer.refused": _("Peer refused"),
    "bundle.export-asked": _("Bundle asked for"),
    "bundle.exported": _("Bundle made"),
    "bundle.import-asked": _("Bundle uploaded"),
    "bundle.imported": _("Bundle taken in"),
    "bundle.mirror-asked": _("Bundle asked for, for a peer to restore its own log from"),
    "bundle.mirrored": _("Bundle made for a peer to restore its own log from"),
    "bundle.removed": _("Bundle removed"),
    "key.changed": _("Key of this node changed"),
    "key.replaced-elsewhere": _("Publishing stopped: a peer knows a newer key of this node"),
    "peer.key-changed": _("A peer changed its key"),
    "blob.erased": _("Published content erased"),
    "erasure.heeded": _("Content of a peer erased because it asked"),
    "erasure.kept": _("Content kept though a peer asked to erase it"),
    "log.stopped": _("Publishing stopped: a peer has seen another log of this node"),
    "log.restore-asked": _("Restoring from the peers asked for"),
    "log.restored": _("Log restored from the peers"),
    "peer.set-aside": _("Peer set aside: its log does not add up"),
    "peer.trusted-again": _("Peer trusted again"),
    "question.retired": _("Question of a course retired"),
    "question.saved": _("Question of a course saved"),
    "question.taken-back": _("Question of a course drawn again"),
    "questions.imported": _("Questions of a course taken in from a file"),
    "repository.added": _("Foreign repository added"),
    "repository.begun": _("Harvest of a foreign repository begun"),
    "repository.forgotten": _("Foreign repository forgotten"),
    "person.added": _("Person added at the command line"),
    "practice.published": _("Practice published"),
    "practice.withdrawn": _("Practice withdrawn"),
    "translation.approved": _("Translation approved"),
    "translation.discarded": _("Translation discarded"),
    "course.published": _("Course published"),
    "course.withdrawn": _("Course withdrawn"),
    "question-bank.published": _("Questions of a course published for other academies"),
    "question-bank.withdrawn": _("Questions of a course withdrawn from other academies"),
    "cartridge.kept": _("Course begun from the file of another learning system"),
    "course-draft.begun": _("Draft of a course begun"),
    "course-draft.forked": _("Draft of a course begun from another course"),
    "course-draft.discarded": _("Draft of a course discarded"),
    "course-draft.submitted": _("Draft of a course submitted"),
    "course-draft.returned": _("Draft of a course returned to its writer"),
    "course-translation.approved": _("Translation of a course approved"),
    "course-translation.discarded": _("Translation of a course discarded"),
    "connection.agreed": _("Agreed what another academy may know"),
    "connection.ended": _("Connection with another academy ended"),
    "connection.forget_asked": _("Another academy asked to forget a person"),
    "connection.forgotten": _("Another academy confirmed that it forgot a person"),
    "guest.forgotten": _("Guest forgotten at their home's request"),
    "guest.let_in": _("Guest let in again"),
    "guest.removed": _("Guest from a learning system forgotten"),
    "guest.shut_out": _("Guest shut out"),
    "guest.signed_in": _("Guest signed in"),
    "guest.welcomed": _("Guest signed in for the first time"),
    "institution.branch_added": _("Branch added"),
    "institution.edited": _("Institution edited"),
    "institutions.loaded": _("Institutions loaded"),
    "invitation.accepted": _("Invitation accepted"),
    "invitation.revoked": _("Invitation revoked"),
    "invitation.sent": _("Invitation sent"),
    "audit.exported": _("Audit log exported"),
    "achievement.added": _("Training from elsewhere entered"),
    "achievement.removed": _("Training from elsewhere removed"),
    "cohort.calendar_renewed": _("Secret calendar address of a cohort renewed"),
    "cohort.edited": _("Cohort edited"),
    "cohort.message_sent": _("Message to a cohort"),
    "cohort.moved": _("Cohort moved on"),
    "cohort.opened": _("Cohort planned"),
    "cohort.questions_taken": _("Newest questions taken by a cohort"),
    "cohort.results_by_rule": _("Results taken by the rule of the course"),
    "cohort.revision_taken": _("Newest revision taken by a cohort"),
    "cohort.teachers_set": _("Teachers of a cohort set"),
    "employer.added": _("Employing body added"),
    "employer.officer_added": _("Nominating officer added"),
    "employer.officer_removed": _("Nominating officer removed"),
    "enrolment.admitted": _("Learner admitted"),
    "enrolment.declined": _("Nomination declined"),
    "enrolment.failed": _("Result entered: not passed"),
    "enrolment.grouped": _("Learners put into a group"),
    "enrolment.left": _("Learner left"),
    "enrolment.moved_up": _("Learner moved up from the waiting list"),
    "enrolment.nominated": _("Learner nominated"),
    "enrolment.passed": _("Result entered: passed"),
    "enrolment.waiting": _("Learner put on the waiting list"),
    "import.taken_in": _("Nominations taken in from a spreadsheet"),
    "import.undone": _("Import of nominations undone"),
    "retention.set": _("Decided how long data on learners are kept"),
    "recognition.added": _("Recognition rule added"),
    "recognition.removed": _("Recognition rule removed"),
    "session.added": _("Session added"),
    "session.edited": _("Session edited"),
    "session.marked": _("Attendance entered"),
    "session.removed": _("Session removed"),
    "platform.added": _("Learning system registered"),
    "platform.changed": _("Registration of a learning system changed"),
    "platform.cohort_closed": _("Cohort closed to a learning system"),
    "platform.cohort_opened": _("Cohort opened to a learning system"),
    "platform.removed": _("Learning system forgotten"),
    "tool.added": _("External tool registered"),
    "tool.changed": _("Registration of an external tool changed"),
    "tool.removed": _("External tool forgotten"),
    "person.accepted": _("Nominated person accepted"),
    "person.registered": _("Person registered because they were nominated"),
    "person.unregistered": _("Person removed who was registered by mistake"),
    "person.address_changed": _("E-mail address changed"),
    "person.data_taken": _("All data on a person taken for them"),
    "person.deactivated": _("Person deactivated"),
    "person.factor_added": _("Passkey, app or codes added"),
    "person.factor_removed": _("Passkey, app or codes removed"),
    "person.factor_reset": _("Recovery codes made anew"),
    "person.feed_renewed": _("Secret address of a saved search renewed"),
    "person.listed": _("Person registered from a list"),
    "person.position_set": _("Category of the position set"),
    "person.languages_set": _("Reading languages set"),
    "person.password_changed": _("Password changed"),
    "person.password_reset": _("Password changed by a mailed link"),
    "person.reactivated": _("Person let in again"),
    "person.renamed": _("Name changed"),
    "person.roles_set": _("Roles set"),
    "person.second_step_failed": _("Second step failed"),
    "person.sign_in_failed": _("Sign-in failed"),
    "person.signed_in": _("Signed in"),
    "person.signed_out": _("Signed out"),
}


KINDS: dict[str, str | Promise] = {
    "certificate": _("Certificate"),
    "repository": _("Foreign repository"),
    "cohort": _("Cohort"),
    "institution": _("Institution"),
    "guest": _("Guest"),
    "node": _("Node"),
    "peer": _("Peer"),
    "person": _("Person"),
    "platform": _("Learning system"),
    "practice": _("Practice"),
    "course": _("Course"),
    "tool": _("External tool"),
}
DETAILS: dict[str, str | Promise] = {
    "accepted": _("Records taken in"),
    "file": _("File"),
    "kept": _("Data"),
    "months": _("Months"),
    "results": _("Certificates"),
    "transcript": _("Results of courses"),
    "after": pgettext_lazy("audit", "After"),
    "ahead_max_mb": _("Largest file to fetch ahead, in MB"),
    "blob": _("Content"),
    "before": pgettext_lazy("audit", "Before"),
    "by_rule": _("By the rule of the course"),
    "claims": _("It may know"),
    "code": _("Code"),
    "course": _("Course"),
    "detail": _("Details"),
    "email": _("E-mail"),
    "enrolment": _("Learner"),
    "entries": _("Published entries"),
    "failed": pgettext_lazy("learners", "Not passed"),
    "files": _("Files"),
    "filter": _("Filter"),
    "form": _("Format"),
    "from": _("Begun from"),
    "ground": pgettext_lazy("erasure", "Ground"),
    "institution": _("Institution"),
    "language": _("Language"),
    "languages": _("Languages"),
    "lost": _("Contents no peer has any more"),
    "max_kb_per_second": _("Most to take from it, in kilobytes a second"),
    "name": _("Name"),
    "names": _("Names"),
    "new": pgettext_lazy("audit", "New"),
    "number": pgettext_lazy("bundle", "Number"),
    "parent": _("Branch of"),
    "passed": pgettext_lazy("learners", "Passed"),
    "part": pgettext_lazy("bundle", "Part"),
    "parts": pgettext_lazy("bundle", "Parts"),
    "provenance": _("Provenance"),
    "reason": _("Reason"),
    "revision": _("Revision"),
    "roles": _("Roles"),
    "rows": _("Rows deleted"),
    "sessions_moved": _("Sessions moved"),
    "since": _("From entry"),
    "size": _("Published entries"),
    "state": _("State"),
    "type": _("Type"),
    "version": _("Version"),
    "vkey": _("Key"),
    "website": _("Website"),
    "why": _("Reason"),
}
_FACTORS: Labels = {
    "recovery_codes": _("Recovery codes"),
    "totp": _("Authenticator app"),
    "webauthn": _("Passkeys"),
}
_ROLES: Labels = dict(Role.choices)
_LANGUAGES: Labels = {language.tag: language.endonym for language in LANGUAGES}
# What the codes in a detail are called; a value that is none of them stands as it is.
VALUES: dict[str, Labels] = {
    "after": _ROLES,
    "before": _ROLES,
    "claims": CLAIM_LABELS,
    "kept": KEPT_LABELS,
    "language": _LANGUAGES,
    "languages": _LANGUAGES,
    "names": _LANGUAGES,
    "provenance": PROVENANCES,
    "roles": _ROLES,
    "state": dict(State.choices),
    "type": _FACTORS,
}


class AuditForm(forms.Form):
    """What to show; nothing chosen shows everything."""

    person = forms.CharField(label=_("Person (e-mail)"), required=False, max_length=254)
    action = forms.ChoiceField(label=_("What happened"), required=False)
    day_from = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    day_to = forms.DateField(
        label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: object, actions: list[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        named = [(code, str(LABELS.get(code, code))) for code in actions]
        self.fields["action"].choices = [("", _("Everything")), *named]  # type: ignore[attr-defined]

    def wanted(self) -> AuditFilter:
        """The filter of a valid form; days are those of the node's time zone, both included."""
        day_from, day_to = self.cleaned_data["day_from"], self.cleaned_data["day_to"]
        zone = timezone.get_default_timezone()
        since = datetime.combine(day_from, time.min, zone) if day_from else None
        # The last year a date can have has no day after it; nothing is logged in it either.
        last = (
            datetime.combine(day_to, time.min, zone) if day_to and day_to.year < MAXYEAR else None
        )
        return AuditFilter(
            person=self.cleaned_data["person"].strip(),
            action=self.cleaned_data["action"],
            since=since,
            until=last + timedelta(days=1) if last else None,
        )


@login_required
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """One page of the log, newest first."""
    node_administrator(request)
    form = AuditForm(request.GET, queries.audit_actions())
    rows: list[AuditView] = []
    if form.is_valid():
        before = _cursor(request.GET.get("before", ""))
        rows = queries.audit_events(form.wanted(), before=before, limit=PAGE + 1)
    kept = {key: request.GET[key] for key in form.fields if request.GET.get(key)}
    older = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        last = f"{rows[-1].at.isoformat()}_{rows[-1].id}"
        older = "?" + urlencode({**kept, "before": last})
    newest = "?" + urlencode(kept) if request.GET.get("before") else ""
    context = {
        "form": form,
        "rows": [_told(row) for row in rows],
        "pages": {"previous_url": newest, "next_url": older},
        "query": urlencode(kept),
        "filtered": bool(kept),
    }
    return render(request, "audit/list.html", context, status=400 if form.errors else 200)


def _cursor(text: str) -> tuple[datetime, int] | None:
    """The place in the log that an address names; a damaged one starts at the newest."""
    moment, _line, number = text.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(number)) if at.tzinfo is not None else None
    except ValueError:
        return None


def _detail(row: AuditView) -> str:
    return json.dumps(dict(row.detail), ensure_ascii=False) if row.detail else ""


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """A row of the page: the codes of the event by their names in the page's language."""

    event: AuditView
    action: str
    kind: str
    details: list[tuple[str, str]]


def _told(row: AuditView) -> ShownEvent:
    return ShownEvent(
        event=row,
        action=label(LABELS, row.action),
        kind=label(KINDS, row.subject_kind),
        details=_pairs(row),
    )


def _pairs(row: AuditView) -> list[tuple[str, str]]:
    """The details for reading: name and value, several values with commas between."""
    return [(label(DETAILS, name), _value(name, value)) for name, value in row.detail.items()]


def _value(name: str, value: object) -> str:
    labels = VALUES.get(name, {})
    if isinstance(value, Mapping):
        return ", ".join(f"{label(labels, key)} {said}" for key, said in value.items())
    if isinstance(value, list):
        return ", ".join(label(labels, str(one)) for one in value)
    return label(labels, str(value))


@login_required
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The log that matches the filter, whole, as `csv` or `json`; the export is logged too."""
    person = node_administrator(request)
    asked = AuditForm(request.GET, queries.audit_actions())
    if not asked.is_valid():
        return HttpResponse(status=400)
    rows = queries.every_audit_event(asked.wanted())
    now = utc_now()
    if form == "csv":
        answer = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    else:
        answer = HttpResponse(as_json(rows), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="audit-{now:%Y-%m-%d}.{form}"'
    record_event(
        person=person,
        action="audit.exported",
        subject_kind="node",
        subject_id="",
        detail={"form": form, "filter": request.GET.urlencode()},
        now=now,
    )
    return answer


def as_csv(rows: Iterator[AuditView]) -> str:
    """CSV that spreadsheets open rightly: UTF-8 with a mark, no cell read as a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (row.actor, row.action, row.subject_kind, row.subject_id, _detail(row))
        writer.writerow([format_time(row.at), *(guarded(cell) for cell in cells)])
    return out.getvalue()


def guarded(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet would take it for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else cell


def as_json(rows: Iterator[AuditView]) -> str:
    """A JSON array of objects with the columns of the CSV; `detail` is an object."""
    listed = [
        {
            "at": format_time(row.at),
            "person": row.actor,
            "action": row.action,
            "subject_kind": row.subject_kind,
            "subject_id": row.subject_id,
            "detail": dict(row.detail),
        }
        for row in rows
    ]
    return json.dumps(listed, ensure_ascii=False, indent=1)
