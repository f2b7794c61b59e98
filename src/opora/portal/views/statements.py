"""A contract's statement: a page, a table for spreadsheets, a document to print (S13.4)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from opora.contracts.models import Contract
from opora.contracts.statements import open_contract
from opora.portal.contract_page import statement_page
from opora.portal.door import PortalRequest, for_customers
from opora.portal.statement_files import statement_pdf, statement_rows
from opora.web.tables import csv_download


@require_GET
@for_customers
def statement(request: PortalRequest, contract_id: str) -> HttpResponse:
    """Every entry, newest first, by pages."""
    opened = open_contract(request.user, contract_id)
    shown = statement_page(opened, request.user, request.GET, now=timezone.now())
    return render(request, "portal/statement.html", shown)


@require_GET
@for_customers
def table(request: PortalRequest, contract_id: str) -> HttpResponseBase:
    """Every entry as CSV, sent while it is read."""
    contract = open_contract(request.user, contract_id).contract
    return csv_download(statement_rows(contract), name=_file_name(contract, "csv"))


@require_GET
@for_customers
def document(request: PortalRequest, contract_id: str) -> HttpResponse:
    """The statement as PDF."""
    opened = open_contract(request.user, contract_id)
    made = statement_pdf(opened, now=timezone.now())
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=_file_name(opened.contract, "pdf")
    )
    return answer


def _file_name(contract: Contract, ending: str) -> str:
    named = contract.shown_contract_id or contract.public_id.hex
    stem = pgettext("name of a file", "statement-%(contract)s") % {"contract": named}
    return f"{stem}.{ending}"
