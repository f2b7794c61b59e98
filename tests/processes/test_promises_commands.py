"""The command line as scripts meet it, and what the API shows of what it did."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.installation import OPORA, Installation
from tests.processes.promises import Vendor


@pytest.mark.slow("fifteen commands, a second of start-up each")
@pytest.mark.shows("S2.5", "S2.6", "S11.4", "S13.6", "S14.3", "AU-10")
def test_what_commands_do_to_contracts_is_what_registrants_see(vendor: Vendor) -> None:
    jana, run = vendor.program("jana"), vendor.installation.run
    issued = vendor.issue("partner-cloud-2")
    assert set(issued) == {
        *("id", "access_id", "contract_id", "plan", "incidents_granted", "starts_on", "ends_on")
    }
    assert jana.register(issued).json()["status"] == "active"

    def status() -> str:
        (one,) = [one for one in jana.items("/contracts") if one["id"] == issued["id"]]
        return str(one["status"])

    run("contracts", "suspend", issued["contract_id"])
    assert status() == "suspended"
    run("contracts", "resume", issued["id"])
    run("contracts", "renew", issued["contract_id"].replace("-", " "))
    assert status() == "active"
    (rotated,) = vendor.installation.lines("contracts", "rotate", issued["contract_id"])
    petr = vendor.program("petr")
    assert petr.register(issued).json()["code"] == "contract-not-found"
    assert petr.register(rotated).status_code == 201
    run("contracts", "cancel", issued["contract_id"])
    assert status() == "cancelled"
    refused = run("contracts", "renew", issued["contract_id"], status=1)
    assert (refused.stdout, len(refused.stderr.splitlines())) == ("", 1)

    today = datetime.now(UTC).date()
    for days, expected in ((-900, "expired"), (3, "not_started")):
        other = vendor.issue("partner-cloud-2", "--starts", str(today + timedelta(days=days)))
        assert jana.register(other).json()["status"] == expected
    run("accounts", "deactivate", "--email", "petr@example.com")
    assert petr.refused("GET", "/me") == (401, "not-authenticated")


@pytest.mark.slow("five commands, a second of start-up each")
def test_settings_come_from_files_and_commands_run_anywhere(
    installation: Installation, tmp_path: Path
) -> None:
    named = tmp_path / "folder.txt"
    named.write_text(f"{installation.data_dir}\n")
    env = installation.env | {"OPORA_DATA_DIR_FILE": str(named)}
    del env["OPORA_DATA_DIR"]
    batch = tmp_path / "batch.jsonl"
    question = {"plan": "ppi-1", "product": "windows-server", "version": "windows-server-2025"}
    batch.write_text(json.dumps(question) + "\n" + json.dumps(question | {"plan": "x"}) + "\n")

    def opora(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [OPORA, *words],
            env=env | changes,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    done = opora("eligibility", "--batch", "batch.jsonl", "--json")
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (done.returncode, first) == (1, {"usable": True, "reasons": []})
    assert second["error"]["code"] == "invalid-input"
    for changes in (
        {"OPORA_TIME_ZONE_FILE": "/nowhere"},
        {"OPORA_EMAIL_URL": "ftp://example.com"},
        {"OPORA_PUBLIC_URL": "http://support.example.com"},
    ):
        refused = opora("plans", "list", **changes)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith("opora: Settings: ")
        assert len(refused.stderr.splitlines()) == 1
    assert opora("eligibility").returncode == 2
