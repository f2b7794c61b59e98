"""The operator's commands on plans, contracts and eligibility, as promised to scripts."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.processes

SERVER = ("--product", "windows-server", "--version", "windows-server-2022")


def issue(installation: Installation, *more: str, plan: str = "partner-cloud-5") -> list[Any]:
    return installation.lines("contracts", "issue", "--plan", plan, "--holder", "Contoso", *more)


@pytest.mark.slow("a dozen processes")
@pytest.mark.shows("S2.6", "S11.2", "S14.1")
def test_contracts_are_issued_granted_and_changed(installation: Installation) -> None:
    (dated,) = issue(installation, "--starts", "2026-01-15")
    assert (dated["starts_on"], dated["ends_on"]) == ("2026-01-15", "2027-02-13")
    one, two = issue(installation, "--count", "2")
    assert list(one)[:7] == [
        "id",
        "access_id",
        "contract_id",
        "plan",
        "incidents_granted",
        "starts_on",
        "ends_on",
    ]
    assert one["id"] != two["id"]
    assert (one["plan"], one["incidents_granted"]) == ("partner-cloud-5", 5)

    for word, status in (("suspend", "suspended"), ("resume", "active"), ("renew", "active")):
        (changed,) = installation.lines("contracts", word, one["contract_id"])
        assert (changed["id"], changed["status"]) == (one["id"], status)
    (rotated,) = installation.lines("contracts", "rotate", one["id"])
    assert rotated["access_id"] not in (None, one["access_id"])
    (cancelled,) = installation.lines("contracts", "cancel", one["contract_id"].replace("-", ""))
    assert cancelled["status"] == "cancelled"
    refused = installation.run("contracts", "renew", one["contract_id"], status=1)
    assert refused.stderr == "opora: The contract has been cancelled, for good.\n"

    (link,) = installation.lines("contracts", "invite", two["contract_id"])
    assert re.search(r"/invitations/[\w-]{43}/$", link["link"])
    shown = installation.run("contracts", "invite", two["id"], "--mail", "vera@example.net")
    assert re.fullmatch(r"https?://\S+/invitations/[\w-]{43}/\n", shown.stdout)
    refused = installation.run("contracts", "invite", one["contract_id"], status=1)
    assert refused.stderr == "opora: The contract has been cancelled, for good.\n"

    (grant,) = installation.lines(
        "contracts", "grant", "--plan", "partner-cloud-2", "--holder", "Contoso"
    )
    assert (grant["contract_id"], grant["status"]) == (None, "not_activated")
    (activated,) = installation.lines("contracts", "activate", grant["id"])
    assert activated["id"] == grant["id"]
    assert activated["access_id"]

    for words, sentence in (
        (("--plan", "nope"), "opora: plan: There is no support plan “nope”.\n"),
        (
            ("--plan", "assurance-24x7"),
            "opora: The plan assurance-24x7 is no longer issued; to issue it nevertheless, "
            "say --legacy.\n",
        ),
        (
            ("--plan", "partner-cloud-2", "--manager", "nobody@example.com"),
            "opora: No account has proved the address nobody@example.com; create it first.\n",
        ),
    ):
        failed = installation.run("contracts", "issue", *words, "--holder", "X", status=1)
        assert (failed.stdout, failed.stderr) == ("", sentence)
    installation.run("contracts", "issue", "--plan", "x", status=2)
    installation.run(
        "contracts", "issue", "--plan", "x", "--holder", "X", "--starts", "soon", status=2
    )


@pytest.mark.slow("half a dozen processes")
@pytest.mark.shows("S11.1")
def test_plans_are_listed_in_the_shape_that_loads(
    installation: Installation, tmp_path: Path
) -> None:
    (listed,) = installation.lines("plans", "list")
    assert (listed["version"], len(listed["plans"])) == (1, 9)
    file = tmp_path / "plans.json"
    file.write_text(json.dumps(listed))
    assert installation.lines("plans", "load", str(file)) == [{"plans": 9, "new_terms": []}]
    listed["plans"][0]["severities"] = ["Z"]
    file.write_text(json.dumps(listed))
    refused = installation.run("plans", "load", str(file), status=1)
    assert refused.stderr.startswith("opora: /plans/0/severities/0: ")
    file.write_text("{")
    assert "is no JSON" in installation.run("plans", "load", str(file), status=1).stderr
    installation.run("plans", "load", str(tmp_path / "missing.json"), status=1)


@pytest.mark.slow("the whole catalogue on every plan")
@pytest.mark.shows("S12", "S11.2")
def test_eligibility_answers_one_question_or_a_file_of_them(
    installation: Installation, tmp_path: Path
) -> None:
    ask = ("eligibility", *SERVER, "--on", "2026-11-22", "--plan")
    assert installation.lines(*ask, "ppi-1", "--severity", "A") == [{"usable": True, "reasons": []}]
    (answer,) = installation.lines(*ask, "partner-cloud-5")
    assert not answer["usable"]
    (reason,) = answer["reasons"]
    assert set(reason) == {"code", "message", "remedy"}
    assert reason["code"] == "cloud-products-only"
    (held,) = installation.lines(*ask, "assurance-24x7")
    assert [r["code"] for r in held["reasons"]] == ["mainstream-support-ended"]
    installation.run("eligibility", "--plan", "ppi-1", status=2)
    refused = installation.run(*ask, "nope", "--json", status=1)
    assert (refused.stdout, refused.stderr) == (
        "",
        "opora: plan: There is no support plan “nope”.\n",
    )

    good = {"plan": "ppi-1", "product": "windows-server", "version": "windows-server-2022"}
    lines: list[Any] = [
        good | {"on": "2026-11-22", "severity": "C"},
        good | {"plan": "nope"},
        good | {"product": "nope"},
        good | {"version": "nope"},
        good | {"on": "tomorrow"},
        good | {"severity": "D"},
        good | {"non_production": "yes"},
        good | {"surprise": 1},
        {"plan": "ppi-1"},
        ["no object"],
        good | {"plan": "visual-studio-enterprise-4", "on": "2026-01-01"},
        good | {"plan": "visual-studio-enterprise-4", "on": "2026-01-01", "non_production": True},
    ]
    file = tmp_path / "questions.jsonl"
    lines += [good | {"plan": "\ud800"}, good | {"plan": "\x00"}, good | {"\ud800": 1}]
    asked = [json.dumps(line) for line in lines] + ["no json", "[" * 100_000]
    file.write_text("".join(f"{line}\n" for line in asked))
    done = installation.run("eligibility", "--batch", str(file), "--json", status=1)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 17
    assert answers[0] == {"usable": True, "reasons": []}
    for failed in (*answers[1:10], *answers[12:]):
        assert failed["error"]["code"] == "invalid-input"
        assert failed["error"]["message"]
    assert [r["code"] for r in answers[10]["reasons"]] == ["production-not-covered"]
    assert answers[11] == {"usable": True, "reasons": []}

    file.write_text(json.dumps(good) + "\n")
    installation.run("eligibility", "--batch", str(file))


@pytest.mark.shows("S12")
def test_a_batch_of_thousands_takes_seconds(installation: Installation, tmp_path: Path) -> None:
    day = date(2026, 11, 22)
    question = {"plan": "ppi-5", "product": "windows-server", "version": "windows-server-2022"}
    file = tmp_path / "questions.jsonl"
    file.write_text(
        "".join(
            json.dumps(question | {"on": (day + timedelta(days=at)).isoformat()}) + "\n"
            for at in range(4000)
        )
    )
    done = installation.run("eligibility", "--batch", str(file), seconds=30)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 4000
    ended = [r["code"] for r in answers[-1]["reasons"]]
    assert ended == ["support-ended"]
