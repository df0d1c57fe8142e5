"""Signing in, as a person does it: the card, a passkey, an authenticator app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from .looking import check_page


@pytest.mark.parametrize("width", [1440, 390])
def test_the_sign_in_card_is_made_for_a_phone(company: Any, chromium: Any, width: int):
    context = chromium.new_context(viewport={"width": width, "height": 844}, base_url=company.address)
    page = context.new_page()
    page.goto("/accounts/login/")
    check_page(page)
    page.fill("input[name=login]", "nobody-here")
    page.fill("input[name=password]", "wrong")
    page.click("main button[type=submit]")
    assert page.locator("[role=alert]").first.is_visible()
    check_page(page)
    context.close()


def test_a_passkey_opens_without_a_password(company: Any, chromium: Any):
    """A virtual authenticator holds the key; passkeys belong to a name, so the address is localhost here."""
    address = company.address.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=address, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(20_000)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    sign_in(page, company, "dispatcher")
    page.goto("/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", company.passwords["dispatcher"])
        page.click("main button[type=submit]")
    page.fill("input[name=name]", "My phone")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile(r"webauthn/$|recovery-codes"))
    page.goto("/accounts/2fa/webauthn/")
    assert "My phone" in page.inner_text("main")
    check_page(page)
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{address}/")
    page.goto("/accounts/2fa/webauthn/")
    page.click("main a[href*='remove']")
    page.wait_for_url(re.compile("reauthenticate|remove/$"))
    if "reauthenticate" in page.url:  # a passkey alone does not take keys away
        page.fill("input[name=password]", company.passwords["dispatcher"])
        page.click("main button[type=submit]")
        page.wait_for_url(re.compile("remove/$"))
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile("webauthn/$|2fa/$"))
    page.goto("/accounts/2fa/webauthn/")
    assert "My phone" not in page.inner_text("main")
    context.close()


def test_an_authenticator_app_is_set_up_and_asked_for(
    company: Any, chromium: Any, open_as: Callable[..., Any]
):
    page = open_as("auditor", 390)
    page.goto("/accounts/2fa/totp/activate/")
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", company.passwords["auditor"])
        page.click("main button[type=submit]")
    page.wait_for_selector("input[name=code]")
    check_page(page)
    secret = page.input_value("input[readonly], input[disabled]")
    page.fill("input[name=code]", code_of(secret))
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile("recovery-codes|2fa"))
    check_page(page)
    context = chromium.new_context(base_url=company.address)
    other = context.new_page()
    other.goto("/accounts/login/")
    other.fill("input[name=login]", "auditor")
    other.fill("input[name=password]", company.passwords["auditor"])
    other.click("main button[type=submit]")
    other.wait_for_url(re.compile("2fa/authenticate"))
    check_page(other)
    other.fill("input[name=code]", code_of(secret, 1))
    other.click("main form button[type=submit]")
    other.wait_for_url(f"{company.address}/")
    context.close()
    page.goto("/accounts/2fa/totp/deactivate/")
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile("2fa/$"))


def sign_in(page: Any, company: Any, username: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", company.passwords[username])
    page.click("main button[type=submit]:not([form])")
    page.wait_for_url(re.compile(r"/$"))


def code_of(secret: str, later: int = 0) -> str:
    """RFC 6238; `later` counts steps ahead. A code is taken once, so a second sign-in waits for the next."""
    if later:
        time.sleep(30 - time.time() % 30 + 0.5)
    digest = hmac.new(
        base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1
    ).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"
