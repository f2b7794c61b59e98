"""Refunds: what may go back, who has to agree, and what is left when somebody does not answer."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from opora.accounts.models import Account
from opora.billing.actions.differences import flag
from opora.billing.actions.refunds import consent_to_refund, request_refund, withdraw_refund
from opora.billing.actions.sending_back import carry_out_refund, record_foreign_refund
from opora.billing.actions.taking_back import take_back
from opora.billing.errors import (
    MayNotRefund,
    NothingToRefund,
    PaymentDisputed,
    RefundIsOver,
    RefundReasonRequired,
    RefundTooHigh,
    RefundUnderWay,
    SecondPersonRequired,
    TooFewUnused,
    WholeRefundTakesAll,
)
from opora.billing.invariants import captured_is_granted, refunds_add_up
from opora.billing.models import Discrepancy, Paper, Purchase, Refund
from opora.billing.providers.base import RefundSeen
from opora.billing.refunds import Wanted
from opora.contracts.actions import (
    adjust_incidents,
    consume_incident,
    return_incident,
    suspend_contract,
)
from opora.contracts.actions.ledger import Return
from opora.contracts.invariants import CHECKS
from opora.contracts.models import Contract, IncidentEntry
from opora.core.errors import Refusal
from opora.core.invariants import Snapshot
from opora.core.models import AuditLine, Installation, Job
from opora.jobs.refunds import carry_out
from tests import cast, factories
from tests.billing import bought
from tests.billing.books import AFTER, BEFORE, Books
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
SMALL = 400_000  # 4,000 Kč: below the limit of 5,000 Kč
PACK = 500_000  # 5,000 Kč for five


@pytest.fixture
def second() -> Account:
    """Another administrator."""
    return factories.account("adam@opora.example", kind=Account.Kind.ADMINISTRATOR)


def paid(books: Books, *, incidents: int = 1, amount: int = SMALL) -> Purchase:
    account = Account.objects.filter(email_key="alice@example.com").first() or cast.alice()
    return books.knows(
        bought.paid(account, plan=bought.pack(incidents), amount=amount, tax=amount * 21 // 121)
    )


def ask(
    purchase: Purchase,
    by: Account,
    *,
    amount: int,
    incidents: int = 0,
    reason: str = "unused",
    key: uuid.UUID | None = None,
) -> Refund:
    return request_refund(
        purchase=purchase,
        wanted=Wanted(amount, incidents, reason),
        key=key or uuid.uuid4(),
        by=by,
        now=NOW,
    )


def whole(purchase: Purchase, by: Account) -> Refund:
    return ask(purchase, by, amount=purchase.amount, incidents=purchase.incidents)


def contract_of(purchase: Purchase) -> Contract:
    found = Purchase.objects.select_related("contract__plan_version__plan").get(pk=purchase.pk)
    assert found.contract is not None
    return found.contract


def use(purchase: Purchase, number: str = "2611231234567890") -> str:
    consume_incident(
        contract_pk=contract_of(purchase).pk, case_number=number, by=purchase.account, now=NOW
    )
    return number


def after(purchase: Purchase) -> tuple[int, int, str]:
    """(money that went back, incidents left, audit codes of the purchase in order)."""
    found = Purchase.objects.get(pk=purchase.pk)
    codes = AuditLine.objects.filter(target_kind="purchase", target_id=purchase.key)
    return (
        found.refunded,
        contract_of(purchase).incidents_left,
        " ".join(codes.order_by("id").values_list("code", flat=True)),
    )


def reasons(purchase: Purchase) -> list[tuple[str, int]]:
    entries = IncidentEntry.objects.filter(contract=contract_of(purchase)).order_by("sequence")
    return [(entry.reason, entry.quantity) for entry in entries]


def breaches() -> list[str]:
    checks = [check.run for check in CHECKS] + [captured_is_granted, refunds_add_up]
    return [b for check in checks for b in check(Snapshot(now=NOW)).breaches]


def refused(refusal: type[Refusal], purchase: Purchase, by: Account, **wanted: object) -> Refusal:
    """Refused so, and nothing is different from before."""
    before = after(purchase), Refund.objects.count(), Job.objects.count()
    with pytest.raises(refusal) as seen:
        ask(purchase, by, **wanted)  # type: ignore[arg-type]
    assert (after(purchase), Refund.objects.count(), Job.objects.count()) == before
    return seen.value


# --- Below the limit ------------------------------------------------------------------------------
@pytest.mark.shows("PA-07", "I3")
def test_a_small_refund_takes_the_incident_first_then_sends_the_money(
    books: Books, eve: Account
) -> None:
    purchase = paid(books)
    refund = whole(purchase, eve)
    assert (refund.state, books.asked["refund"]) == ("calling", 0)
    assert after(purchase) == (0, 0, "refund.begun")
    refund = carry_out_refund(refund.pk, NOW)
    assert (refund.state, refund.reference, books.asked["refund"]) == (
        "done",
        books.payments[purchase.reference].refunds[0].reference,
        1,
    )
    assert after(purchase) == (SMALL, 0, "refund.begun paper.issued refund.done")
    assert reasons(purchase) == [("bought", 1), ("refunded", -1)]
    assert Paper.objects.get(refund=refund).amount == SMALL
    mail = Job.objects.get(kind="mail.purchase_refunded")
    assert (mail.key, mail.payload) == (purchase.account.mail_key, {"refund": refund.pk})
    assert breaches() == []


@pytest.mark.shows("PA-07")
def test_everything_may_be_repeated(books: Books, eve: Account) -> None:
    purchase = paid(books)
    key = uuid.uuid4()
    first = ask(purchase, eve, amount=SMALL, incidents=1, key=key)
    assert ask(purchase, eve, amount=SMALL, incidents=1, key=key) == first
    carry_out_refund(first.pk, NOW)
    done = after(purchase)
    carry_out_refund(first.pk, LATER)
    job = Job.objects.get(kind="payment.refund")
    carry_out(job.payload, job, LATER)
    assert ask(purchase, eve, amount=SMALL, incidents=1, key=key).state == "done"
    seen = books.payments[purchase.reference].refunds[0]
    record_foreign_refund(purchase=purchase, seen=seen, now=LATER)
    assert after(purchase) == done
    assert (books.asked["refund"], Refund.objects.count(), Paper.objects.count()) == (1, 1, 1)


def test_a_part_costs_its_share_and_the_last_part_the_rest(books: Books, eve: Account) -> None:
    purchase = paid(books, incidents=3, amount=100_000)
    for incidents, amount in ((1, 33_333), (1, 33_333), (1, 33_334)):
        refused(RefundReasonRequired, purchase, eve, amount=33_333, incidents=0)
        carry_out_refund(ask(purchase, eve, amount=amount, incidents=incidents).pk, NOW)
    assert after(purchase)[:2] == (100_000, 0)
    refused(NothingToRefund, purchase, eve, amount=1)
    assert breaches() == []


@pytest.mark.shows("PA-07")
def test_what_is_used_is_refunded_only_for_a_reason(books: Books, eve: Account) -> None:
    purchase = paid(books, incidents=5, amount=PACK)
    use(purchase)
    refusal = refused(TooFewUnused, purchase, eve, amount=PACK, incidents=5)
    assert refusal.facts() == {"unused": 4}
    refused(RefundReasonRequired, purchase, eve, amount=400_001, incidents=4)
    refused(RefundReasonRequired, purchase, eve, amount=100_000, incidents=0)
    refused(RefundTooHigh, purchase, eve, amount=PACK + 1, incidents=4, reason="goodwill")
    refused(WholeRefundTakesAll, purchase, eve, amount=PACK, incidents=3, reason="goodwill")
    whole_one = ask(purchase, eve, amount=PACK, incidents=4, reason="fault_of_ours")
    assert carry_out_refund(whole_one.pk, NOW).state == "done"
    assert after(purchase)[:2] == (PACK, 0)


def test_only_administrators_and_one_refund_at_a_time(books: Books, eve: Account) -> None:
    purchase = paid(books, incidents=5, amount=PACK)
    refused(MayNotRefund, purchase, cast.dana(), amount=100_000, incidents=1)
    refused(MayNotRefund, purchase, purchase.account, amount=100_000, incidents=1)
    ask(purchase, eve, amount=100_000, incidents=1)
    refused(RefundUnderWay, purchase, eve, amount=100_000, incidents=1)


def test_nothing_goes_back_for_what_was_never_paid(books: Books, eve: Account) -> None:
    purchase = bought.begun(cast.alice())
    with pytest.raises(NothingToRefund):
        ask(purchase, eve, amount=100)
    assert Refund.objects.count() == 0


def charge_back(purchase: Purchase, state: str) -> None:
    """The buyer's bank takes the price of one incident back, or tries to."""
    purchase.disputes.create(
        reference="dp_1",
        amount=SMALL,
        reason="fraudulent",
        state=state,
        opened_at=NOW,
        state_at=NOW,
    )


@pytest.mark.shows("F-11")
@pytest.mark.parametrize(("state", "is_refused"), [("open", True), ("lost", True), ("won", False)])
def test_what_the_bank_takes_back_is_not_refunded_as_well(
    books: Books, eve: Account, state: str, is_refused: bool
) -> None:
    purchase = paid(books)
    charge_back(purchase, state)
    if is_refused:
        refused(PaymentDisputed, purchase, eve, amount=SMALL, incidents=1)
    else:
        assert carry_out_refund(whole(purchase, eve).pk, NOW).state == "done"


# --- A second person ------------------------------------------------------------------------------
@pytest.mark.shows("PA-07")
def test_above_the_limit_nothing_moves_before_a_second_person_agrees(
    books: Books, eve: Account, second: Account
) -> None:
    purchase = paid(books, amount=500_001)
    refund = whole(purchase, eve)
    assert refund.state == "requested"
    assert carry_out_refund(refund.pk, NOW).state == "requested"
    assert (after(purchase), books.asked["refund"]) == ((0, 1, "refund.requested"), 0)
    for person, refusal in ((eve, SecondPersonRequired), (cast.dana(), MayNotRefund)):
        with pytest.raises(refusal):
            consent_to_refund(refund=refund, by=person, now=NOW)
        assert after(purchase) == (0, 1, "refund.requested")
    for _again in range(2):
        assert consent_to_refund(refund=refund, by=second, now=LATER).state == "calling"
    assert after(purchase) == (0, 0, "refund.requested refund.consented")
    assert carry_out_refund(refund.pk, LATER).state == "done"
    assert consent_to_refund(refund=refund, by=second, now=LATER).state == "done"
    assert after(purchase)[0] == 500_001
    with pytest.raises(RefundIsOver):
        withdraw_refund(refund=refund, by=eve, now=LATER)


def test_many_small_refunds_are_a_large_one(books: Books, eve: Account) -> None:
    purchase = paid(books, incidents=5, amount=1_000_000)
    for state in ("calling", "calling", "requested"):
        refund = ask(purchase, eve, amount=200_000, incidents=1)
        assert refund.state == state
        carry_out_refund(refund.pk, NOW)


def test_a_currency_without_a_limit_needs_the_second_person(books: Books, eve: Account) -> None:
    purchase = paid(books, amount=100)
    Purchase.objects.filter(pk=purchase.pk).update(currency="CHF")
    assert whole(purchase, eve).state == "requested"


@pytest.mark.shows("PA-07")
def test_a_withdrawn_refund_moves_nothing_and_makes_room(
    books: Books, eve: Account, second: Account
) -> None:
    purchase = paid(books, amount=600_000)
    refund = whole(purchase, eve)
    for _again in range(2):
        assert withdraw_refund(refund=refund, by=second, now=LATER).state == "withdrawn"
    assert after(purchase) == (0, 1, "refund.requested refund.withdrawn")
    with pytest.raises(RefundIsOver):
        consent_to_refund(refund=refund, by=second, now=LATER)
    assert carry_out_refund(refund.pk, LATER).state == "withdrawn"
    assert books.asked["refund"] == 0
    assert whole(purchase, eve).state == "requested"


@pytest.mark.shows("PA-07")
def test_consent_is_judged_by_what_is_unused_then(
    books: Books, eve: Account, second: Account
) -> None:
    purchase = paid(books, amount=600_000)
    refund = whole(purchase, eve)
    use(purchase)
    with pytest.raises(TooFewUnused):
        consent_to_refund(refund=refund, by=second, now=LATER)
    assert Refund.objects.get().state == "requested"
    assert after(purchase) == (0, 0, "refund.requested")
    assert Job.objects.filter(kind="payment.refund").count() == 0


# --- Answers that do not come ---------------------------------------------------------------------
@pytest.mark.shows("F-08", "PA-07")
@pytest.mark.parametrize("mood", ["down", "silent", "pending"])
def test_without_an_answer_the_job_asks_again_and_money_goes_once(
    books: Books, eve: Account, mood: str
) -> None:
    purchase = paid(books)
    told = "on_its_way" if mood == "pending" else "unanswered"
    match mood:
        case "down":
            books.fail("look", BEFORE, BEFORE)
        case "silent":
            books.fail("refund", AFTER)
        case "pending":
            books.refunds = "pending"
    refund = whole(purchase, eve)
    assert carry_out_refund(refund.pk, NOW).state == "unknown"
    job = Job.objects.get(kind="payment.refund")
    assert job.run_after == NOW + timedelta(minutes=1)
    if mood != "silent":  # what was done is found, even if nobody was told
        carry_out(job.payload, job, LATER)
        waiting = Job.objects.get(kind="payment.refund", state="open")
        assert waiting.run_after == LATER + timedelta(minutes=2.5)  # half of what it has waited
    assert after(purchase)[0] == 0
    if mood == "pending":
        books.decide(purchase.reference, "done")
    carry_out(job.payload, job, LATER)
    assert after(purchase) == (
        SMALL,
        0,
        f"refund.begun refund.{told} paper.issued refund.done",
    )
    assert len(books.payments[purchase.reference].refunds) == 1


@pytest.mark.shows("PA-07")
def test_a_worker_that_comes_after_a_crash_finishes_it(books: Books, eve: Account) -> None:
    """Killed between taking the incidents and asking: the job is there, in the same commit."""
    purchase = paid(books)
    whole(purchase, eve)
    job = Job.objects.get(kind="payment.refund")
    carry_out(job.payload, job, LATER)
    assert after(purchase)[:2] == (SMALL, 0)


@pytest.mark.shows("PA-07")
@pytest.mark.parametrize("mood", ["refused", "pending"])
def test_a_refused_refund_gives_the_incidents_back(books: Books, eve: Account, mood: str) -> None:
    purchase = paid(books)
    books.refunds = mood
    refund = whole(purchase, eve)
    carry_out_refund(refund.pk, NOW)
    if mood == "pending":
        books.decide(purchase.reference, "refused")
    assert carry_out_refund(refund.pk, LATER).state == "refused"
    assert carry_out_refund(refund.pk, LATER).state == "refused"
    assert after(purchase)[:2] == (0, 1)
    assert reasons(purchase) == [("bought", 1), ("refunded", -1), ("refund_failed", 1)]
    assert Paper.objects.count() == 0
    assert breaches() == []


@pytest.mark.shows("F-08")
def test_a_refund_is_asked_about_for_as_long_as_it_takes_and_silence_sounds_the_alarm(
    books: Books, eve: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Eight tries would be over in a day; a refund may take ten."""
    refund = whole(paid(books), eve)
    books.fail("look", *[BEFORE] * 40)
    carry_out_refund(refund.pk, NOW)
    job = Job.objects.get(kind="payment.refund")
    for _time in range(39):
        before = job.run_after
        carry_out(job.payload, job, job.run_after)
        job = Job.objects.get(kind="payment.refund", state="open")
        assert timedelta(minutes=1) <= job.run_after - before <= timedelta(hours=6)
    assert job.run_after > NOW + timedelta(days=5)
    assert f"not known what became of refund {refund.public_id.hex}" in caplog.text
    carry_out(job.payload, job, job.run_after)
    assert Refund.objects.get().state == "done"
    assert [one.pk for one in Job.objects.filter(kind="payment.refund", state="open")] == [job.pk]


def test_one_that_the_provider_says_is_on_its_way_sounds_no_alarm(
    books: Books, eve: Account, caplog: pytest.LogCaptureFixture
) -> None:
    refund = whole(paid(books), eve)
    books.refunds = "pending"
    books.fail("look", BEFORE)
    for at in (NOW, LATER, LATER):
        carry_out_refund(refund.pk, at)
    refund.refresh_from_db()
    assert refund.reference  # it is known by more than our key from now on
    job = Job.objects.get(kind="payment.refund")
    carry_out(job.payload, job, NOW + timedelta(days=3))
    assert "not known" not in caplog.text


@pytest.mark.shows("PA-07", "I3")
def test_books_that_lack_the_whole_payment_say_nothing_about_its_refund(
    books: Books, eve: Account
) -> None:
    """A wrong key opens another account's books; the money may be gone all the same."""
    purchase = paid(books)
    refund = whole(purchase, eve)
    books.fail("refund", AFTER)
    carry_out_refund(refund.pk, NOW)
    known = books.payments.pop(purchase.reference)
    assert carry_out_refund(refund.pk, LATER).state == "unknown"
    assert after(purchase)[:2] == (0, 0)
    books.payments[purchase.reference] = known
    assert carry_out_refund(refund.pk, LATER).state == "done"
    assert after(purchase)[:2] == (SMALL, 0)


@pytest.mark.shows("I3", "F-22")
@pytest.mark.parametrize("thought", ["requested", "refused", "withdrawn"])
def test_money_that_went_back_counts_whatever_we_thought_of_the_refund(
    books: Books, eve: Account, thought: str
) -> None:
    """A restored copy is behind: its refund was consented to and sent after the backup."""
    purchase = paid(books)
    refund = Refund.objects.create(
        purchase=purchase,
        amount=SMALL,
        incidents=1,
        reason="unused",
        state=thought,
        state_at=NOW,
        requested_at=NOW,
        requested_by=eve,
    )
    key = refund.public_id.hex
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL, key=key)
    for _again in range(2):
        record_foreign_refund(purchase=purchase, seen=seen, now=LATER)
    refund.refresh_from_db()
    assert (refund.state, refund.incidents, refund.reference) == ("done", 0, seen.reference)
    assert after(purchase) == (SMALL, 1, "paper.issued refund.done")
    assert Purchase.objects.get().flagged_at == LATER
    assert breaches() == []


@pytest.mark.shows("F-22")
def test_a_restored_copy_sends_nothing_back_before_it_is_released(
    books: Books, eve: Account
) -> None:
    refund = whole(paid(books), eve)
    held = Installation.objects.create(pk=1, fingerprint="x", prepared_at=NOW, held_at=NOW)
    assert carry_out_refund(refund.pk, NOW).state == "calling"
    assert not books.asked
    held.delete()
    assert carry_out_refund(refund.pk, LATER).state == "done"


# --- Contracts that are over, held back, or get a unit back ---------------------------------------
def test_an_expired_contract_has_nothing_to_take(books: Books, eve: Account) -> None:
    purchase = paid(books)
    ended = NOW.date() - timedelta(days=1)
    Contract.objects.filter(pk=purchase.contract_id or 0).update(
        starts_on=ended, activated_on=ended, ends_on=ended
    )
    refused(TooFewUnused, purchase, eve, amount=SMALL, incidents=1)
    refused(RefundReasonRequired, purchase, eve, amount=SMALL, incidents=0)
    refund = ask(purchase, eve, amount=SMALL, incidents=0, reason="goodwill")
    assert carry_out_refund(refund.pk, NOW).state == "done"
    assert reasons(purchase) == [("bought", 1)]


def test_a_suspended_contract_gives_its_incidents_up(books: Books, eve: Account) -> None:
    purchase = paid(books)
    suspend_contract(contract=contract_of(purchase), by=None, now=NOW)
    assert carry_out_refund(whole(purchase, eve).pk, NOW).state == "done"
    assert after(purchase)[:2] == (SMALL, 0)


@pytest.mark.shows("S13.3", "PA-07")
def test_a_unit_that_comes_back_after_a_whole_refund_lapses(books: Books, eve: Account) -> None:
    purchase = paid(books)
    number = use(purchase)
    refund = ask(purchase, eve, amount=SMALL, incidents=0, reason="fault_of_ours")
    carry_out_refund(refund.pk, NOW)
    came_back = return_incident(
        contract=contract_of(purchase), case_number=number, reason="duplicate", by=eve, now=LATER
    )
    assert came_back is Return.LAPSED
    assert contract_of(purchase).incidents_left == 0
    assert contract_of(purchase).cancelled_at == NOW
    assert breaches() == []


@pytest.mark.shows("S13.3")
def test_a_unit_that_comes_back_after_a_refunded_part_may_be_used(
    books: Books, eve: Account
) -> None:
    purchase = paid(books, incidents=2, amount=SMALL)
    number = use(purchase)
    carry_out_refund(ask(purchase, eve, amount=SMALL // 2, incidents=1).pk, NOW)
    return_incident(
        contract=contract_of(purchase), case_number=number, reason="duplicate", by=eve, now=LATER
    )
    assert contract_of(purchase).incidents_left == 1
    carry_out_refund(ask(purchase, eve, amount=SMALL // 2, incidents=1).pk, LATER)
    assert after(purchase)[:2] == (SMALL, 0)


def test_what_an_agent_added_was_not_bought(books: Books, eve: Account) -> None:
    purchase = paid(books)
    adjust_incidents(contract=contract_of(purchase), quantity=3, reason="goodwill", by=eve, now=NOW)
    refusal = refused(TooFewUnused, purchase, eve, amount=SMALL, incidents=2)
    assert refusal.facts() == {"unused": 1}


# --- Made elsewhere -------------------------------------------------------------------------------
@pytest.mark.shows("F-11", "F-10")
def test_a_refund_made_at_the_provider_is_recorded_once_and_flagged(books: Books) -> None:
    purchase = paid(books)
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL, state="done")
    for _again in range(3):
        refund = record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
        assert refund is not None
        assert (refund.state, refund.incidents, refund.requested_by) == ("done", 0, None)
    assert after(purchase) == (SMALL, 1, "paper.issued refund.recorded")
    assert Purchase.objects.get(pk=purchase.pk).flagged_at == NOW
    assert Refund.objects.count() == 1


def test_a_foreign_refund_that_waits_is_not_recorded_yet(books: Books) -> None:
    purchase = paid(books)
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL, state="pending")
    assert record_foreign_refund(purchase=purchase, seen=seen, now=NOW) is None
    assert after(purchase) == (0, 1, "")


def test_more_than_was_paid_is_never_written(books: Books) -> None:
    purchase = paid(books)
    record = RefundSeen("re_strange", SMALL + 1, "done")
    assert record_foreign_refund(purchase=purchase, seen=record, now=NOW) is None
    assert after(purchase)[0] == 0
    assert Purchase.objects.get(pk=purchase.pk).flagged_at == NOW


@pytest.mark.shows("F-11")
def test_a_refund_that_the_buyers_bank_sends_back_is_told_at_once(
    books: Books, eve: Account, caplog: pytest.LogCaptureFixture
) -> None:
    purchase = paid(books)
    carry_out_refund(whole(purchase, eve).pk, NOW)
    seen = books.decide(purchase.reference, "refused")
    for _again in range(2):
        record_foreign_refund(purchase=purchase, seen=seen, now=LATER)
    found = Discrepancy.objects.get()
    assert (found.kind, found.theirs, found.ours) == ("refunded", 0, SMALL)
    assert Purchase.objects.get().flagged_at == LATER
    assert len([one for one in caplog.records if "differ" in one.message]) == 1


# --- Taken back afterwards ------------------------------------------------------------------------
def taken(purchase: Purchase, by: Account) -> int:
    return take_back(
        purchase=purchase, seen=Purchase.objects.get(pk=purchase.pk).flagged_at, by=by, now=LATER
    )


@pytest.mark.shows("F-11", "S13.1", "I3")
def test_what_was_refunded_elsewhere_is_taken_back_by_one_press(books: Books, eve: Account) -> None:
    purchase = paid(books, incidents=5, amount=PACK)
    use(purchase)
    seen = books.refund_elsewhere(purchase.reference, amount=PACK)
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    paper = Paper.objects.get()
    assert [taken(purchase, eve), taken(purchase, eve)] == [4, 0]
    assert after(purchase) == (
        PACK,
        0,
        "paper.issued refund.recorded purchase.taken_back purchase.looked_after",
    )
    assert reasons(purchase)[-1] == ("taken_back", -4)
    assert Purchase.objects.get().flagged_at is None
    assert contract_of(purchase).cancelled_at == LATER
    assert (Refund.objects.get().incidents, Paper.objects.get()) == (0, paper)  # papers stay
    assert breaches() == []


@pytest.mark.parametrize(
    ("amount", "due"), [(PACK // 5 - 1, 0), (PACK // 5, 1), (PACK * 2 // 5 + 1, 2), (PACK, 5)]
)
def test_a_part_takes_as_many_as_it_buys(books: Books, eve: Account, amount: int, due: int) -> None:
    purchase = paid(books, incidents=5, amount=PACK)
    seen = books.refund_elsewhere(purchase.reference, amount=amount)
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    assert [taken(purchase, eve), taken(purchase, eve)] == [due, 0]
    assert after(purchase)[:2] == (amount, 5 - due)
    if amount < PACK:
        rest = ask(purchase, eve, amount=PACK - amount, incidents=5 - due, reason="goodwill")
        assert carry_out_refund(rest.pk, LATER).state == "done"
        assert after(purchase)[:2] == (PACK, 0)
    assert breaches() == []


@pytest.mark.shows("F-11")
@pytest.mark.parametrize(("state", "due"), [("open", 0), ("won", 0), ("lost", 1)])
def test_what_is_lost_to_the_buyers_bank_is_taken_back(
    books: Books, eve: Account, state: str, due: int
) -> None:
    purchase = paid(books)
    charge_back(purchase, state)
    assert taken(purchase, eve) == due
    assert after(purchase)[1] == 1 - due


def test_nothing_is_taken_for_money_that_did_not_go_nor_from_what_an_agent_gave(
    books: Books, eve: Account
) -> None:
    purchase = paid(books)
    assert taken(purchase, eve) == 0
    use(purchase)
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL - 1)
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    adjust_incidents(contract=contract_of(purchase), quantity=3, reason="goodwill", by=eve, now=NOW)
    assert taken(purchase, eve) == 0
    assert after(purchase)[1] == 3


def test_only_administrators_take_back_and_a_newer_flag_stays(books: Books, eve: Account) -> None:
    purchase = paid(books)
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL)
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    with pytest.raises(MayNotRefund):
        taken(purchase, cast.dana())
    assert after(purchase)[1] == 1
    flag(purchase, now=LATER)
    assert take_back(purchase=purchase, seen=NOW, by=eve, now=LATER) == 1
    assert Purchase.objects.get().flagged_at == LATER


@pytest.mark.shows("F-10", "PA-07")
def test_a_notice_may_settle_a_refund_of_ours_before_the_answer_does(
    books: Books, eve: Account
) -> None:
    purchase = paid(books)
    refund = whole(purchase, eve)
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL, key=refund.public_id.hex)
    found = record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    assert found is not None
    assert (found.pk, found.state) == (refund.pk, "done")
    assert carry_out_refund(refund.pk, NOW).state == "done"
    assert after(purchase) == (SMALL, 0, "refund.begun paper.issued refund.done")
    assert books.asked["refund"] == 0


def test_only_administrators_take_incidents_back(books: Books) -> None:
    purchase = paid(books)
    charge_back(purchase, "lost")
    before = after(purchase)
    with pytest.raises(MayNotRefund):
        taken(purchase, cast.dana())
    assert after(purchase) == before
