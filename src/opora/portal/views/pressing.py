"""One press of a button of the workflow: keep what was typed, then do what the button says."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from opora.accounts.models import Account
from opora.billing import paying
from opora.billing.errors import AlreadyBought
from opora.cases import steps
from opora.cases.actions import open_case, save_draft
from opora.cases.files import remove_upload
from opora.cases.intake import CaseRequest
from opora.cases.models import Draft
from opora.contracts.actions import register_contract
from opora.core.errors import InvalidInput, NotFound, Refusal
from opora.core.ids import parse_public_id
from opora.portal import workflow
from opora.portal.address_book import answers_completed
from opora.portal.door import PortalRequest
from opora.portal.draft_facts import question_of, subject_chosen
from opora.portal.step_checks import problems_of_step
from opora.portal.views.draft_page import draft_page
from opora.portal.views.files import keep_file
from opora.portal.views.handover import leave
from opora.portal.workflow import STEP_NAMES
from opora.web.network import address_of
from opora.web.sent_files import refused_unread


class Press:
    """A press with what it changes; `answer` does it and says where to go on."""

    def __init__(self, request: PortalRequest, draft: Draft) -> None:
        self.request = request
        self.account: Account = request.user
        self.draft = draft
        self.now = timezone.now()
        self.before = workflow.with_defaults(draft.answers, self.account)
        self.answers = answers_completed(
            self.account, workflow.merged(self.before, request.POST, self.account)
        )
        self.confirmed = steps.still_confirmed(self.before, self.answers, draft.confirmed)
        self.step = self._open_step()

    def answer(self) -> HttpResponse:
        deed, _colon, what = self.request.POST.get("do", "save").partition(":")
        if refused := self._receive_files():
            self._save()
            return self._again(refused)
        if deed == "submit":
            return self._submit()
        if deed == "next":
            return self._next(what)
        if deed == "choose":
            self._choose(what)
        if deed == "here":
            self.answers |= {"contract": what, "here": self.answers.get("product", "")}
            self.step = "problem"
        if deed == "open" and what in STEP_NAMES:
            self._save()
            return self._on(what)
        if deed == "add-row":
            self._save()
            return draft_page(self.request, self.draft, self.answers, step="sharing", extra_rows=1)
        if deed == "add-contract":
            return self._add_contract()
        if deed == "remove-file":
            self._remove_file(what)
        self._save()
        if deed == "buy" and self.draft.case_id is None:
            return self._buy(what)
        if deed == "hand-over" and self.draft.case_id is None:
            return leave(self.request, self.draft)
        return self._on(self.step)

    # --- Steps ---
    def _next(self, step: str) -> HttpResponse:
        if step not in STEP_NAMES:
            step = self.step
        problems = problems_of_step(step, self.answers, self.account, now=self.now)
        if problems:
            self.confirmed = [name for name in self.confirmed if name != step]
            self._save()
            return self._again(problems, step=step)
        passed = [*self.confirmed, step]
        self.confirmed = [name for name in STEP_NAMES if name in passed]
        self.answers["changed"] = {
            name: names for name, names in self.answers.get("changed", {}).items() if name != step
        }
        self.answers["passed"] = sorted({*self.answers.get("passed", ()), step})
        self._save()
        return self._on(steps.furthest(self.answers, self.confirmed).name)

    def _choose(self, what: str) -> None:
        """A product and version at once, out of those asked about lately."""
        product, _slash, version = what.partition("/")
        before = self.answers
        self.answers = before | {"product": product, "version": version}
        if product != before.get("product"):
            self.answers["problem"] = ""
        self.answers["changed"] = workflow.noted(before, self.answers)
        self.confirmed = steps.still_confirmed(before, self.answers, self.confirmed)
        self.step = "problem"

    def _submit(self) -> HttpResponse:
        self.draft.answers = self.answers
        try:
            open_case(
                wanted=CaseRequest.of(self.answers),
                by=self.account,
                now=self.now,
                draft=self.draft,
            )
        except InvalidInput as refusal:
            problems = {error["field"]: error["message"] for error in refusal.errors}
        except NotFound:
            raise
        except Refusal as refusal:
            problems = {workflow.field_of(refusal): refusal.detail}
        else:
            return redirect("portal:submitted", self.draft.public_id.hex)
        self._save()
        return self._again(problems, step=workflow.first_step_with(problems))

    # --- What else a press may do ---
    def _add_contract(self) -> HttpResponse:
        posted = self.request.POST
        self._save()
        try:
            registration = register_contract(
                account=self.account,
                access_id=posted.get("access_id", ""),
                contract_id=posted.get("contract_id", ""),
                network=address_of(self.request),
                now=self.now,
            )
        except InvalidInput as refusal:
            return self._again({e["field"]: e["message"] for e in refusal.errors}, step="support")
        except Refusal as refusal:
            return self._again({"access_id": refusal.detail}, step="support")
        self.answers["contract"] = registration.contract.public_id.hex
        self._save()
        return self._on("support")

    def _buy(self, plan_code: str) -> HttpResponse:
        """Begin to buy a plan for this request (S7.2); nothing is charged before the next page."""
        try:
            purchase = paying.begin(
                plan_code=plan_code,
                question=question_of(subject_chosen(self.answers), self.answers, now=self.now),
                draft=self.draft.public_id,
                by=self.account,
                now=self.now,
            )
        except AlreadyBought as bought:
            return redirect("portal:purchase", bought.purchase)
        except Refusal as refusal:
            return self._again({"buying": refusal.detail}, step="support")
        return redirect("portal:purchase", purchase.public_id.hex)

    def _receive_files(self) -> dict[str, str]:
        files = self.request.FILES.getlist("attachments")
        if files and not self.draft.is_stored:
            self._save()
        refused = []
        for file in files:
            try:
                keep_file(self.account, self.draft, file)
            except Refusal as refusal:
                refused.append(refusal.detail)
        refused += refused_unread(self.request)
        return {"attachments": " ".join(refused)} if refused else {}

    def _remove_file(self, file_id: str) -> None:
        key = parse_public_id(file_id)
        if key and (file := self.draft.attachments.filter(public_id=key).first()):
            remove_upload(attachment=file, now=self.now)

    def _save(self) -> None:
        self.draft = save_draft(
            account=self.account,
            draft=self.draft,
            answers=self.answers,
            confirmed=self.confirmed,
            now=self.now,
        )

    def _on(self, step: str) -> HttpResponse:
        address = reverse("portal:draft", args=[self.draft.public_id.hex])
        return redirect(f"{address}?step={step}#{step}")

    def _again(self, problems: dict[str, str], *, step: str = "") -> HttpResponse:
        return draft_page(
            self.request, self.draft, self.answers, step=step or self.step, problems=problems
        )

    def _open_step(self) -> str:
        on_page = [name for name in self.request.POST.getlist("sections") if name in STEP_NAMES]
        return on_page[0] if on_page else steps.furthest(self.answers, self.confirmed).name
