"""Health, metrics, logs: what the operator sees, and nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from opora.accounts.models import Account
from opora.core.models import Installation, Job
from opora.web import logs
from tests import cast, factories

pytestmark = pytest.mark.django_db


def test_live_and_ready_need_no_sign_in_and_tell_nothing(client: Client) -> None:
    from opora.core.installation import fingerprint

    live = client.get("/health/live")
    assert (live.status_code, live.content) == (200, b"ok\n")
    Installation.objects.update_or_create(
        pk=1, defaults={"fingerprint": "older", "prepared_at": timezone.now()}
    )
    not_ready = client.get("/health/ready")
    assert (not_ready.status_code, not_ready.content) == (503, b"unavailable\n")
    Installation.objects.update(fingerprint=fingerprint())
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.content) == (200, b"ok\n")


def test_metrics_do_not_exist_but_for_the_token_and_administrators(
    client: Client, settings: Any
) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = "a token for the operator's collector"
    wrong = client.get("/metrics", headers={"Authorization": "Bearer guess"})
    assert wrong.status_code == 404
    agent = factories.account(kind=Account.Kind.AGENT)
    assert cast.signed_in(agent).get("/metrics").status_code == 404
    right = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    assert right.status_code == 200


def test_metrics_count_the_queue(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a token for the operator's collector"
    now = timezone.now()
    facts = {"created_at": now, "run_after": now}
    Job.objects.create(kind="mail.case_receipt", tries=2, **facts)
    Job.objects.create(
        kind="mail.case_receipt", state="dead", finished_at=now, alarmed_at=now, **facts
    )
    page = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    lines = page.content.decode().splitlines()
    assert 'opora_jobs_open{kind="mail.case_receipt"} 1.0' in lines
    assert "opora_jobs_failing 1.0" in lines
    assert "opora_jobs_dead 1.0" in lines
    assert "opora_held 0.0" in lines


@pytest.mark.shows("OP-04")
def test_logs_hold_no_secrets() -> None:
    event = {
        "event": "calling postgresql://opora:hunter2@db/opora with Bearer opora_abc",
        "password": "hunter2",
        "access_id": "ABCD",
        "contract": "1234",
    }
    cleaned = json.dumps(logs.without_secrets(None, "info", event))
    for secret in ("hunter2", "opora_abc", "ABCD"):
        assert secret not in cleaned
    assert "1234" in cleaned
