"""Taking in a course of another learning system: read, looked at, and only then begun."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.exchange.models import Erasure
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.ids import new_id
from chorsu.training.formats.cartridges import CourseFound
from chorsu.training.models import CourseDraft
from chorsu.training.queries.cartridges import course_of
from tests.training.formats.cartridge_kit import village
from tests.training.formats.packing import pack
from tests.web.writing_desk import address, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(editor: Person) -> Client:
    return signed_in(editor)


def handed_in(client: Client, content: bytes, **more: str) -> tuple[int, str, str]:
    """Status, where it leads and what is said."""
    file = SimpleUploadedFile("village.imscc", content, "application/zip")
    typed = {"institution": "hub-astana", "language": "en", **more, "file": file}
    answer = client.post(address("cartridges"), typed)
    return answer.status_code, answer.get("Location", ""), answer.content.decode()


def test_a_course_is_shown_before_it_is_begun_and_then_is_there(office: Client) -> None:
    status, look, _html = handed_in(office, village())
    assert status == 302
    shown = office.get(look).content.decode()
    for said in ("Why one window", "Do you know?", "https://sim.example.org/launch"):
        assert said in shown
    assert "Why one window People waited. See the other page" in shown
    assert CourseDraft.objects.count() == 0
    begun = office.post(look, {"do": "keep"})
    draft = CourseDraft.objects.get()
    assert begun.headers["Location"] == address("course-draft-edit", draft.pk)
    assert "Why one window" in office.get(begun.headers["Location"]).content.decode()
    assert office.get(look).status_code == 404


def test_the_preview_names_what_is_not_taken_and_why(office: Client) -> None:
    _status, look, _html = handed_in(office, village())
    shown = office.get(look).content.decode()
    assert "<td>How › Lost</td><td>The outline names it, but it is not in the file.</td>" in shown
    assert "<td>wiki/old.html</td><td>Nothing in the outline leads to it.</td>" in shown
    assert "of which 2 were its own." in shown
    russian = office.get(look.replace("/en/", "/ru/")).content.decode()
    assert "<td>How › Lost</td>" in russian
    assert "The outline names it" not in russian


def test_a_quiz_draws_no_more_than_there_will_be(office: Client, editor: Person) -> None:
    def drawn(course: CourseFound) -> list[int]:
        units = [one for module in course.modules for one in module.units]
        return [one.questions for one in units if one.kind == "quiz"]

    whole = course_of(village(), "en", "village.imscc")
    assert (len(whole.questions), drawn(whole)) == (3, [2])
    Person.objects.filter(pk=editor.pk).update(name="Which Is")
    left = course_of(village(), "en", "village.imscc")
    assert (len(left.questions), drawn(left)) == (0, [1])


def test_what_is_no_cartridge_is_told_at_the_file_and_nothing_waits(office: Client) -> None:
    status, _look, html = handed_in(office, pack({"a.txt": b"a"}))
    assert (status, "lacks its manifest" in html) == (422, True)
    assert "Waiting to be looked at" not in office.get(address("cartridges")).content.decode()


def test_put_aside_no_course_is_begun(office: Client) -> None:
    _status, look, _html = handed_in(office, village())
    assert office.post(look, {"do": "discard"}).headers["Location"] == address("cartridges")
    assert office.get(look).status_code == 404
    assert CourseDraft.objects.count() == 0


def test_an_institution_in_which_one_does_not_write_is_refused(
    office: Client, academy: Institution
) -> None:
    assert handed_in(office, village(), institution="cn-nag")[0] == 422


def test_who_writes_nowhere_is_told_who_gives_the_role(academy: Institution) -> None:
    reader = Person.objects.create_user("reader@hub.example", "correct horse")
    page = signed_in(reader).get(address("cartridges")).content.decode()
    assert "An administrator of your institution can give you this role." in page
    assert 'type="file"' not in page


def test_what_a_course_may_not_keep_is_told_by_the_name_of_its_field(
    office: Client, now: datetime
) -> None:
    _status, look, _html = handed_in(office, village())
    gone = course_of(village(), "en", "village.imscc").files[0].sha256
    Erasure.objects.create(
        origin=settings.NODE_NAME, number=1, blob=gone, what="file", kind="practice",
        record_id=new_id(), revision=0, ground="other", at=now,
    )  # fmt: skip
    refused = office.post(look.replace("/en/", "/ru/"), {"do": "keep"})
    said = "Файлы: Администратор удалил именно этот файл. Опубликовать его снова нельзя."
    assert (refused.status_code, said in refused.content.decode()) == (422, True)
    assert CourseDraft.objects.count() == 0
