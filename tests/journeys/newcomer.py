"""Somebody without an account creates one, as far as the page that wants it."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.journeys.house import PASSWORD, House, link_in
from tests.journeys.pages import SignIn, path_in, press


def sign_up(page: Page, house: House, email: str, *, mails_before: int) -> None:
    """Sign up as Věra Malá, prove the address by the mailed link, fill in the profile."""
    page.goto("/accounts/signup/")
    page.fill("input[name=given_name]", "Věra")
    page.fill("input[name=family_name]", "Malá")
    page.fill("input[name=email]", email)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    press(page)
    page.wait_for_url("**/accounts/confirm-email/")
    page.goto(path_in(link_in(house.mail_to(email, mails_before), "/confirm-email/")))
    press(page)
    if "/login/" in page.url:
        SignIn(page).type(email, PASSWORD)
    page.wait_for_url("**/settings/welcome/**")
    page.select_option("#id_country", "CZ")
    page.select_option("#id_time_zone", "Europe/Prague")
    press(page)
    page.wait_for_url(lambda url: "/welcome/" not in url)
