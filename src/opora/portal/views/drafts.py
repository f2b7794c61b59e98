"""The workflow: one page, six steps, one form; complete without script (S6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.accounts.models import Account
from opora.accounts.places import countries
from opora.cases import intake
from opora.cases.actions import discard_draft, open_case, save_draft
from opora.cases.files import receive_file, remove_upload
from opora.cases.intake import CaseRequest
from opora.cases.models import Attachment, Draft
from opora.cases.queries import draft_for, draft_or_new
from opora.catalog.queries import problem_for
from opora.contracts.actions import register_contract
from opora.core.errors import InvalidInput, NotFound, Refusal
from opora.core.formats import clock
from opora.core.ids import new_public_id, parse_public_id
from opora.portal import page_of_draft, rechecks, workflow
from opora.portal.address_book import answers_completed
from opora.portal.door import PortalRequest, for_customers
from opora.portal.due import due_of_answers
from opora.portal.page_of_draft import DraftPage
from opora.portal.self_help import carried_over
from opora.portal.views.handover import leave
from opora.portal.workflow import STEP_NAMES, Answers
from opora.web.network import address_of
from opora.web.sent_files import told


@require_GET
@for_customers
def new(request: PortalRequest) -> HttpResponse:
    """The workflow, empty but for the profile values. Looking stores nothing: the page carries the
    id under which the first press or the first word is saved, and under which it is submitted
    once."""
    account = request.user
    fresh = Draft(account=account, public_id=new_public_id())
    answers = workflow.with_defaults({}, account)
    if diagnosis := request.GET.get("diagnosis"):
        answers |= carried_over(answers, account, diagnosis, request.GET.get("path", ""))
    return _page(request, fresh, answers, step=STEP_NAMES[0])


@require_http_methods(["GET", "POST"])
@for_customers
def draft(request: PortalRequest, draft_id: str) -> HttpResponse:
    """The page of a draft, or one press on it. Pressed again after submitting, it shows what came
    of it (F-16)."""
    is_press = request.method == "POST"
    found = (draft_or_new if is_press else draft_for)(request.user, draft_id)
    if found.case_id is not None:
        return redirect("portal:submitted", draft_id)
    if is_press:
        return Press(request, found).answer()
    answers = workflow.with_defaults(found.answers, request.user)
    wanted = request.GET.get("step", "")
    furthest = intake.furthest(answers, found.confirmed).name
    return _page(request, found, answers, step=workflow.reachable(wanted, furthest))


class Press:
    """One press of a button of the workflow's form: keep what was typed, then do what it says."""

    def __init__(self, request: PortalRequest, draft: Draft) -> None:
        self.request = request
        self.account: Account = request.user
        self.draft = draft
        self.now = timezone.now()
        self.before = workflow.with_defaults(draft.answers, self.account)
        self.answers = answers_completed(
            self.account, workflow.merged(self.before, request.POST, self.account)
        )
        self.confirmed = intake.still_confirmed(self.before, self.answers, draft.confirmed)
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
            return _page(self.request, self.draft, self.answers, step="sharing", extra_rows=1)
        if deed == "add-contract":
            return self._add_contract()
        if deed == "remove-file":
            self._remove_file(what)
        self._save()
        if deed == "hand-over" and self.draft.case_id is None:
            return leave(self.request, self.draft)
        return self._on(self.step)

    # --- Steps ---
    def _next(self, step: str) -> HttpResponse:
        if step not in STEP_NAMES:
            step = self.step
        problems = self._problems_of(step)
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
        return self._on(intake.furthest(self.answers, self.confirmed).name)

    def _choose(self, what: str) -> None:
        """A product and version at once, out of those asked about lately."""
        product, _slash, version = what.partition("/")
        before = self.answers
        self.answers = before | {"product": product, "version": version}
        if product != before.get("product"):
            self.answers["problem"] = ""
        self.answers["changed"] = rechecks.noted(before, self.answers)
        self.confirmed = intake.still_confirmed(before, self.answers, self.confirmed)
        self.step = "problem"

    def _problems_of(self, step: str) -> dict[str, str]:
        wanted = next(one for one in intake.STEPS if one.name == step)
        problems = wanted.problems(self.answers)
        if step == "problem":
            problems |= self._problems_of_subject(problems)
        if step == "support" and "contract" not in problems:
            problems |= self._problems_of_contract()
        return problems

    def _problems_of_subject(self, problems: dict[str, str]) -> dict[str, str]:
        subject = page_of_draft.subject_chosen(
            self.answers.get("product", ""), self.answers.get("version", ""), with_choices=False
        )
        if subject.product is None:
            return {} if "product" in problems else {"product": _("Choose a product.")}
        if subject.version is None:
            return {"version": _("Choose a version.")}
        if subject.portal and self.answers.get("here") != subject.product.slug:
            return {
                "product": _("This product is supported at %(portal)s. Go on there.")
                % {"portal": subject.portal["name"]}
            }
        try:
            problem_for(subject.product, self.answers.get("problem", ""))
        except InvalidInput:
            return {"problem": _("Choose a problem, or “None of these”.")}
        return {}

    def _problems_of_contract(self) -> dict[str, str]:
        subject = page_of_draft.subject_chosen(
            self.answers.get("product", ""), self.answers.get("version", ""), with_choices=False
        )
        plans = page_of_draft.plans_for(self.account, subject, self.answers, now=self.now)
        if page_of_draft.usable_contract(plans, self.answers["contract"]):
            return {}
        return {"contract": _("Choose one of the support contracts that can be used.")}

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
        return _page(
            self.request, self.draft, self.answers, step=step or self.step, problems=problems
        )

    def _open_step(self) -> str:
        on_page = [name for name in self.request.POST.getlist("sections") if name in STEP_NAMES]
        return on_page[0] if on_page else intake.furthest(self.answers, self.confirmed).name


def _page(
    request: PortalRequest,
    draft: Draft,
    answers: Answers,
    *,
    step: str,
    problems: dict[str, str] | None = None,
    extra_rows: int = 0,
) -> HttpResponse:
    page = page_of_draft.read_page(
        draft,
        answers,
        request.user,
        open_step=step,
        now=timezone.now(),
        problems=problems,
        extra_rows=extra_rows,
    )
    return render(
        request,
        "portal/draft.html",
        {**_context(page, request.user), "failed": bool(problems)},
        status=422 if problems else 200,
    )


def _context(page: DraftPage, account: Account) -> dict[str, Any]:
    return {
        "page": page,
        "draft": page.draft,
        "draft_id": page.draft.public_id.hex,
        "answers": page.answers,
        "problems": page.problems,
        "field_id": workflow.field_id,
        "limit": settings.ATTACHMENT_LIMIT,
        "countries": countries() if page.open_step == "support" else (),
        "zones": page_of_draft.zones(page.answers["time_zone"])
        if page.open_step == "support"
        else (),
        "is_on": workflow.is_on(page.answers, account),
    }


# --- What script asks for ---------------------------------------------------------------------


@require_POST
@for_customers
def fields(request: PortalRequest, draft_id: str) -> HttpResponse:
    """Autosave: the fields that changed, one small write."""
    found = draft_or_new(request.user, draft_id)
    if found.case_id is not None:
        return JsonResponse({"submitted": reverse("portal:submitted", args=[draft_id])}, status=409)
    before = workflow.with_defaults(found.answers, request.user)
    after = workflow.merged(before, request.POST, request.user)
    now = timezone.now()
    if after != before or not found.is_stored:
        save_draft(
            account=request.user,
            draft=found,
            answers=after,
            confirmed=intake.still_confirmed(before, after, found.confirmed),
            now=now,
        )
    return JsonResponse({"saved": _("Saved %(time)s") % {"time": clock(now)}})


@require_GET
@for_customers
def subject(request: PortalRequest, draft_id: str) -> HttpResponse:
    """Version, problem and where the product is supported, for a product being chosen."""
    found = draft_or_new(request.user, draft_id)
    answers = workflow.merged(
        workflow.with_defaults(found.answers, request.user), request.GET, request.user
    )
    page = page_of_draft.read_page(
        found, answers, request.user, open_step="problem", now=timezone.now()
    )
    return render(request, "portal/_subject.html", _context(page, request.user))


@require_GET
@for_customers
def due(request: PortalRequest) -> HttpResponse:
    """When the first response would be due, for what is being chosen."""
    asked = request.GET.dict()
    answers = asked | {
        "round_the_clock": asked.get("round_the_clock") == "true" and asked.get("severity") == "A"
    }
    explained = due_of_answers(answers, now=timezone.now())
    return render(request, "portal/_due.html", {"due": explained})


@require_POST
@for_customers
def files(request: PortalRequest, draft_id: str) -> HttpResponse:
    """One file, sent by script with its progress shown."""
    found = draft_or_new(request.user, draft_id)
    sent = request.FILES.get("file")
    if found.case_id is not None or not isinstance(sent, UploadedFile):
        return JsonResponse({"refused": _("Nothing was received.")}, status=422)
    if not found.is_stored:
        found = save_draft(
            account=request.user,
            draft=found,
            answers=workflow.with_defaults({}, request.user),
            confirmed=(),
            now=timezone.now(),
        )
    try:
        kept = keep_file(request.user, found, sent)
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.detail}, status=422)
    return JsonResponse(told(kept), status=201)


def keep_file(account: Account, draft: Draft, file: UploadedFile[Any]) -> Attachment:
    return receive_file(
        account=account,
        chunks=file.chunks(),
        name=file.name or "",
        now=timezone.now(),
        draft=draft,
    )


@require_http_methods(["GET", "POST"])
@for_customers
def discard(request: PortalRequest, draft_id: str) -> HttpResponse:
    """Throw a draft away, after asking."""
    found = draft_for(request.user, draft_id)
    if found.case_id is not None:
        return redirect("portal:submitted", draft_id)
    if request.method == "POST":
        discard_draft(account=request.user, draft=found, now=timezone.now())
        return redirect("portal:home")
    return render(request, "portal/discard.html", {"draft": found})
