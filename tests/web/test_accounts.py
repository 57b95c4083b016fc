"""Signing in and all that keeps an account safe, through allauth's own pages in our frame."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from chorsu.institutions.models import AuditEvent, Institution, Person

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def url(name: str, language: str = "en", *arguments: object) -> str:
    with translation.override(language):
        return reverse(name, args=arguments)


def sign_in(client: Client, email: str = "editor@hub.example", password: str = PASSWORD) -> int:
    data = {"login": email, "password": password, "next": url("account")}
    return client.post(url("account_login"), data).status_code


def confirm(client: Client) -> None:
    """Show again who one is, as pages that touch credentials ask."""
    client.post(url("account_reauthenticate"), {"password": PASSWORD})


def actions_logged() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def code_for(secret: str) -> str:
    """The code of this half-minute: the first one allowed would end while the test goes on."""
    counters = list(yield_hotp_counters_from_time())
    counter = counters[len(counters) // 2]
    return format_hotp_value(hotp_value(secret, counter))


def set_up_app(client: Client) -> str:
    confirm(client)
    page = client.get(url("mfa_activate_totp"))
    secret: str = page.context["form"].secret
    client.post(url("mfa_activate_totp"), {"code": code_for(secret)})
    return secret


@pytest.mark.parametrize(("language", "html_lang"), [("ru", "ru"), ("tk", "tk"), ("uz", "uz-Latn")])
def test_the_sign_in_page_is_in_the_language_of_its_address(
    academy: Institution, client: Client, language: str, html_lang: str
) -> None:
    page = client.get(url("account_login", language)).content.decode()
    assert f'<html lang="{html_lang}"' in page
    assert '<main id="main"' in page


def test_the_right_password_signs_in_and_is_logged(editor: Person, client: Client) -> None:
    assert sign_in(client) == 302
    assert client.get(url("account")).context["person"] == editor
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject_id) == (
        "person.signed_in",
        editor.email,
        editor.email,
    )


def test_the_address_is_taken_in_any_letter_case(editor: Person, client: Client) -> None:
    assert sign_in(client, "EDITOR@Hub.example") == 302


def test_a_wrong_password_keeps_the_address_and_is_logged(editor: Person, client: Client) -> None:
    page = client.post(
        url("account_login"), {"login": "editor@hub.example", "password": "battery staple"}
    )
    text = page.content.decode()
    assert "The e-mail address or the password is not right." in text
    assert 'value="editor@hub.example"' in text
    assert "battery staple" not in text
    assert actions_logged() == ["person.sign_in_failed"]


def test_an_unknown_address_gets_the_same_answer_and_fills_no_log(
    academy: Institution, client: Client
) -> None:
    page = client.post(url("account_login"), {"login": "x@y.example", "password": "battery staple"})
    assert "The e-mail address or the password is not right." in page.content.decode()
    assert actions_logged() == []


def test_guessing_passwords_is_stopped(editor: Person, client: Client) -> None:
    for _ in range(5):
        sign_in(client, password="guess after guess")
    page = client.post(url("account_login"), {"login": editor.email, "password": PASSWORD})
    assert "Too many attempts." in page.content.decode()


def test_nobody_signs_up_without_an_invitation(academy: Institution, client: Client) -> None:
    data = {"email": "x@y.example", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post(url("account_signup"), data)
    assert "Joining is by invitation" in page.content.decode()
    assert not Person.objects.exists()


def test_a_deactivated_person_is_out_at_once(editor: Person, client: Client) -> None:
    sign_in(client)
    Person.objects.filter(pk=editor.pk).update(is_active=False)
    assert client.get(url("account")).status_code == 302
    assert sign_in(Client()) in (200, 302)
    assert Client().get(url("account")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_an_authenticator_app_is_set_up_and_asked_for(editor: Person, client: Client) -> None:
    sign_in(client)
    secret = set_up_app(client)
    assert secret not in str(Authenticator.objects.values())
    other = Client()
    sign_in(other)
    assert other.get(url("account")).status_code == 302
    wrong = other.post(url("mfa_authenticate"), {"code": "000000"})
    assert "This code is not right." in wrong.content.decode()
    cache.clear()  # a code is taken once; the same half-minute serves both steps here
    other.post(url("mfa_authenticate"), {"code": code_for(secret)})
    assert other.get(url("account")).status_code == 200
    assert actions_logged() == [
        "person.signed_in",
        "person.factor_added",
        "person.factor_added",
        "person.second_step_failed",
        "person.signed_in",
    ]


def test_the_key_of_the_app_is_shown_as_a_picture_without_anything_inline(
    editor: Person, client: Client
) -> None:
    sign_in(client)
    confirm(client)
    page = client.get(url("mfa_activate_totp")).content.decode()
    assert "<svg" in page
    assert 'src="data:' not in page
    assert " style=" not in page


def test_a_recovery_code_lets_in_once(editor: Person, client: Client) -> None:
    sign_in(client)
    set_up_app(client)
    code = client.get(url("mfa_view_recovery_codes")).context["unused_codes"][0]
    first, second = Client(), Client()
    for one in (first, second):
        sign_in(one)
        one.post(url("mfa_authenticate"), {"code": code})
    assert first.get(url("account")).status_code == 200
    assert second.get(url("account")).status_code == 302


def test_a_forgotten_password_is_replaced_by_a_mailed_link_in_the_persons_language(
    editor: Person, client: Client
) -> None:
    Person.objects.filter(pk=editor.pk).update(languages=["tk"])
    client.post(url("account_reset_password", "ru"), {"email": "editor@hub.example"})
    (sent,) = mail.outbox
    (link,) = re.findall(r"http://localhost:8000(/tk/\S+)", str(sent.body))
    form = client.get(link, follow=True)
    assert form.context["form"].fields["password1"]
    data = {"password1": "tall poplar trees", "password2": "tall poplar trees"}
    client.post(form.redirect_chain[-1][0], data)
    assert sign_in(Client(), password="tall poplar trees") == 302
    assert sign_in(Client()) == 200
    assert actions_logged()[0] == "person.password_reset"
    again = client.get(link, follow=True)
    assert again.context["token_fail"]


def test_asking_for_an_unknown_address_looks_the_same_and_mails_nobody(
    academy: Institution, client: Client
) -> None:
    answer = client.post(url("account_reset_password"), {"email": "x@y.example"})
    assert answer["Location"] == url("account_reset_password_done")
    assert mail.outbox == []


def test_the_link_does_not_follow_a_forged_host(editor: Person, client: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["*"]):
        client.post(
            url("account_reset_password"),
            {"email": "editor@hub.example"},
            headers={"host": "evil.example"},
        )
    assert "evil.example" not in str(mail.outbox[0].body)


def test_changing_the_password_ends_the_other_sessions_and_tells_the_person(
    editor: Person, client: Client
) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    new = {"oldpassword": PASSWORD, "password1": "tall poplar trees", "password2": ""}
    refused = client.post(url("account_change_password"), new)
    assert "password2" in refused.context["form"].errors
    client.post(url("account_change_password"), {**new, "password2": "tall poplar trees"})
    assert client.get(url("account")).status_code == 200
    assert other.get(url("account")).status_code == 302
    assert mail.outbox[0].to == ["editor@hub.example"]
    assert "person.password_changed" in actions_logged()


@pytest.mark.parametrize("language", ["zh-hans", "tk"])
@pytest.mark.parametrize(
    "name",
    [
        "account",
        "account-languages",
        "account_change_password",
        "account_email",
        "account_logout",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_generate_recovery_codes",
    ],
)
def test_every_account_page_wears_our_frame_with_nothing_inline(
    editor: Person, client: Client, name: str, language: str
) -> None:
    sign_in(client)
    set_up_app(client)
    answer = client.get(url(name, language))
    if name == "mfa_activate_totp":  # set up already: leads to the way out of it
        answer = client.get(answer["Location"])
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<main id="main"' in page
    assert page.count("<h1>") == 1
    assert not re.findall(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", page)
    assert not re.findall(r"\son[a-z]+=|\sstyle=", page)


def test_what_touches_credentials_asks_again_who_one_is(editor: Person, client: Client) -> None:
    sign_in(client)
    address = url("mfa_index").replace("2fa/", "2fa/totp/activate/")
    asked = client.get(address)
    assert asked["Location"].startswith(url("account_reauthenticate"))
    wrong = client.post(asked["Location"], {"password": "battery staple"})
    assert "This password is not right." in wrong.content.decode()
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == address


@pytest.mark.parametrize("language", ["kk", "en"])
def test_the_second_step_pages_render(editor: Person, client: Client, language: str) -> None:
    sign_in(client)
    set_up_app(client)
    for name in ("mfa_reauthenticate", "mfa_view_recovery_codes", "mfa_deactivate_totp"):
        assert client.get(url(name, language)).status_code == 200
    codes = client.get(url("mfa_download_recovery_codes", language))
    assert len(codes.content.decode().split()) == 10
    other = Client()
    sign_in(other)
    page = other.get(url("mfa_authenticate", language)).content.decode()
    assert 'data-passkey="use"' in page
    assert page.count("<h1>") == 1


def test_a_passkey_page_hands_its_options_to_an_external_module(
    editor: Person, client: Client
) -> None:
    sign_in(client)
    confirm(client)
    page = client.get(url("mfa_add_webauthn")).content.decode()
    assert '<form class="form" method="post" action="/en/account/2fa/webauthn/add/"' in page
    assert 'id="passkey-options" type="application/json"' in page
    assert 'type="module" src="/static/chorsu/js/passkey.js"' in page


def test_the_sign_in_page_fetches_passkey_options(academy: Institution, client: Client) -> None:
    answer = client.get(url("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert answer.json()["request_options"]["publicKey"]["challenge"]


@pytest.mark.parametrize("credential", ['{"id": "x"}', "[1]", '"x"', "7", '{"response": {}}'])
def test_a_damaged_passkey_is_refused(editor: Person, client: Client, credential: str) -> None:
    answer = client.post(url("mfa_login_webauthn"), {"credential": credential}, follow=True)
    assert "notice--error" in answer.content.decode()
    sign_in(client)
    confirm(client)
    client.get(url("mfa_add_webauthn"))
    answer = client.post(url("mfa_add_webauthn"), {"credential": credential, "name": "Phone"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Authenticator.objects.exists()


def test_a_new_address_takes_effect_once_its_link_is_opened(editor: Person, client: Client) -> None:
    sign_in(client)
    confirm(client)
    client.post(url("account_email"), {"email": "new@hub.example", "action_add": ""})
    assert Person.objects.get(pk=editor.pk).email == "editor@hub.example"
    (link,) = re.findall(r"http://localhost:8000(/\S+)", str(mail.outbox[0].body))[:1]
    client.post(link)
    assert Person.objects.get(pk=editor.pk).email == "new@hub.example"
    assert "person.address_changed" in actions_logged()


def test_signing_out_takes_a_click(editor: Person, client: Client) -> None:
    sign_in(client)
    client.get(url("account_logout"))
    assert client.get(url("account")).status_code == 200
    client.post(url("account_logout"), {"next": url("account_login")})
    assert client.get(url("account")).status_code == 302
    assert actions_logged()[-1] == "person.signed_out"


@pytest.mark.django_db(transaction=True)
def test_the_time_of_a_notice_is_in_utc(editor: Person, client: Client) -> None:
    sign_in(client)
    set_up_app(client)
    assert f"{datetime.now(UTC):%Y-%m-%d}" in str(mail.outbox[0].body)
    assert "UTC" in str(mail.outbox[0].body)
