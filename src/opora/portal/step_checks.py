"""What keeps a step of the workflow from being passed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.accounts.queries import groups_of
from opora.cases.steps import STEPS
from opora.cases.texts import Problems
from opora.catalog.queries import problem_for
from opora.core.errors import InvalidInput
from opora.portal.draft_facts import plans_for, subject_chosen, usable_contract
from opora.portal.workflow import Answers


def problems_of_step(step: str, answers: Answers, account: Account, *, now: datetime) -> Problems:
    """Each field of the step that has to be changed before Next, with what to do."""
    wanted = next(one for one in STEPS if one.name == step)
    problems = wanted.problems(answers)
    if step == "problem":
        problems |= _problems_of_subject(answers, problems)
    if step == "support" and "contract" not in problems:
        problems |= _problems_of_contract(answers, account, now=now)
    if step == "sharing" and (group := answers.get("group")):
        own = {one.public_id.hex for one in groups_of(account)}
        problems |= {} if group in own else {"group": _("Choose one of your groups, or none.")}
    return problems


def _problems_of_subject(answers: Answers, problems: Problems) -> Problems:
    subject = subject_chosen(answers)
    if subject.product is None:
        return {} if "product" in problems else {"product": _("Choose a product.")}
    if subject.version is None:
        return {"version": _("Choose a version.")}
    if subject.portal and answers.get("here") != subject.product.slug:
        return {
            "product": _("This product is supported at %(portal)s. Go on there.")
            % {"portal": subject.portal["name"]}
        }
    try:
        problem_for(subject.product, answers.get("problem", ""))
    except InvalidInput:
        return {"problem": _("Choose a problem, or “None of these”.")}
    return {}


def _problems_of_contract(answers: Answers, account: Account, *, now: datetime) -> Problems:
    plans = plans_for(account, subject_chosen(answers), answers, now=now)
    if usable_contract(plans, answers["contract"]):
        return {}
    return {"contract": _("Choose one of the support contracts that can be used.")}
