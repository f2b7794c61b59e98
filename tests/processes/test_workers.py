"""Two workers on one queue: the row's claim decides, not who is quicker (F-03)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.databases import ROOT
from tests.installation import Installation
from tests.jobs import long_job

pytestmark = pytest.mark.processes


def start(installation: Installation, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.long_job", *words],
        env=installation.env | {"DJANGO_SETTINGS_MODULE": "opora.config.settings"},
        cwd=ROOT,
    )


@pytest.mark.shows("F-03")
@pytest.mark.slow("a job that takes three times as long as its lease")
def test_a_job_longer_than_its_lease_is_not_begun_by_another_worker(
    installation: Installation,
) -> None:
    assert start(installation, "publish").wait(timeout=60) == 0
    seconds = str(long_job.TAKES + 4)
    workers = [start(installation, "work", seconds) for _ in range(2)]
    for worker in workers:
        assert worker.wait(timeout=120) == 0
    lines = (installation.data_dir / "long.log").read_text().split()
    assert lines[::2] == ["begun", "ended"]
    assert lines[1] == lines[3]
