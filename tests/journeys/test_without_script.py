"""The whole workflow by plain forms: a browser that runs no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.journeys.look import Eye
from tests.journeys.pages import PRODUCT, VERSION, CasePage, Home, Workflow, file


@pytest.mark.shows("S6.1", "S6.2", "S6.3", "S16.3", "P9")
def test_everything_works_without_script(house: House, open_browser: Open, eye: Eye) -> None:
    (pair,) = house.contracts("partner-on-premises-20")
    page = open_browser("nora@example.com", script=False)
    flow = Home(page).start_request()
    page.fill("#id_title", "No script")
    flow.next()
    expect(page.locator("#id_product-error")).to_be_visible()
    expect(page.locator("#id_description-error")).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("No script")
    eye.glance(page, "errors")
    page.select_option("#id_product", PRODUCT)
    page.locator("noscript button, button[value=save]").first.click()
    expect(page.locator("#id_product")).to_have_value(PRODUCT)
    page.select_option("#id_version", VERSION)
    page.fill("#id_description", "None at all.")
    page.set_input_files("#id_attachments", [file("one.txt", b"1"), file("two.txt", b"2")])
    page.locator("#problem button[value=save]").click()
    expect(page.locator(".files .file")).to_have_count(2)
    page.locator("button[value^='remove-file:']").first.click()
    expect(page.locator(".files .file")).to_have_count(1)
    eye.glance(page, "step-1")
    flow.next()

    flow.expect_open("support")
    expect(flow.plans).to_have_count(1)
    flow.choose_severity("A")
    page.check("#id_round_the_clock")
    flow.add_contract(pair.access_id, "1234 5678 9012")
    expect(page.locator("#id_access_id-error")).to_be_visible()
    expect(page.locator("input[name=severity][value=A]")).to_be_checked()
    expect(page.locator("#id_round_the_clock")).to_be_checked()
    flow.add_contract(pair.access_id, pair.contract_id)
    expect(flow.plans).to_have_count(2)
    expect(page.locator("input[name=contract]:checked")).to_have_count(1)
    eye.glance(page, "step-2")
    flow.next()
    flow.expect_open("primary_contact")
    page.fill("#id_primary_contact_given_name", "Jan")
    page.fill("#id_primary_contact_phone", "")
    flow.next()
    expect(page.locator("#id_primary_contact_phone-error")).to_be_visible()
    expect(page.locator("#id_primary_contact_given_name")).to_have_value("Jan")
    eye.glance(page, "step-3-error")
    page.fill("#id_primary_contact_phone", "+420 601 123 456")
    flow.next()
    with_two_more(flow)
    flow.through("verify")
    flow.expect_open("submit")
    eye.glance(page, "step-6")

    number = flow.submit().number
    eye.glance(page, "confirmation")
    case = CasePage(page).open(number)
    page.set_input_files("#id_attachments", [file("plain.txt", b"a"), file("plain.txt", b"b")])
    case.answer("With two files of one name.")
    expect(case.files).to_have_text([re.compile("txt"), "plain.txt", "plain.txt"])
    case.close("solved")
    case.reopen()
    eye.glance(page, "request")


def with_two_more(flow: Workflow) -> None:
    """Step 4 with two colleagues: a row more by a button; what was typed stays."""
    page = flow.page
    flow.expect_open("sharing")
    for position, name in enumerate(("Eva", "Ida")):
        if position:
            page.locator("button[value=add-row]").click()
        field = f"#id_additional_contacts_{position}_"
        page.fill(f"{field}given_name", name)
        page.fill(f"{field}family_name", "Malá")
        page.fill(f"{field}email", f"{name.lower()}@example.net" if position else "eva.example")
    flow.next()
    expect(page.locator("#id_additional_contacts_0_email-error")).to_be_visible()
    expect(page.locator("#id_additional_contacts_1_given_name")).to_have_value("Ida")
    page.fill("#id_additional_contacts_0_email", "eva@example.net")
    flow.next()
