"""The operator's numbers, in the text format of Prometheus, read from the database when asked.

Open to a bearer of OPORA_METRICS_TOKEN and to administrators; for all others it does not exist.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

import opora
from opora.cases.models import Case
from opora.core.models import AuditLine, Installation, Job
from opora.knowledge.models import SelfHelp


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Numbers(now=timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        expected = settings.METRICS_TOKEN
        return bool(expected) and constant_time_compare(token, expected)
    return bool(getattr(request.user, "is_administrator", False))


class Numbers:
    """One reading. Each gauge is one indexed statement."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        started = time.perf_counter()
        yield _gauge("opora_info", "The code that answers.", {"version": opora.__version__}, 1)
        yield from self._jobs()
        yield self._cases()
        yield _gauge(
            "opora_self_help_solved",
            "Support requests that were not needed: an article solved the problem.",
            {},
            SelfHelp.objects.count(),
        )
        oldest = AuditLine.objects.filter(seal="").aggregate(at=Min("at"))["at"]
        yield _gauge(
            "opora_audit_oldest_unsealed_seconds",
            "Age of the oldest audit line that is not sealed yet.",
            {},
            self._age(oldest),
        )
        yield _gauge(
            "opora_held",
            "1: a restored copy that sends nothing until it is released.",
            {},
            int(Installation.objects.filter(held_at__isnull=False).exists()),
        )
        yield _gauge(
            "opora_metrics_seconds",
            "How long reading these numbers took.",
            {},
            time.perf_counter() - started,
        )

    def _jobs(self) -> Iterator[Metric]:
        opened = Job.objects.filter(state=Job.State.OPEN)
        depth = GaugeMetricFamily("opora_jobs_open", "Open jobs by kind.", labels=["kind"])
        for kind, count in opened.values_list("kind").annotate(Count("pk")).order_by("kind"):
            depth.add_metric([kind], count)
        yield depth
        failing = opened.filter(tries__gt=0).count()
        yield _gauge("opora_jobs_failing", "Open jobs that failed at least once.", {}, failing)
        due = opened.filter(run_after__lte=self.now).aggregate(at=Min("run_after"))["at"]
        yield _gauge(
            "opora_jobs_oldest_due_seconds",
            "How long the longest waiting due job has been due.",
            {},
            self._age(due),
        )
        dead = Job.objects.filter(state=Job.State.DEAD).count()
        yield _gauge("opora_jobs_dead", "Jobs past their last try: look after them.", {}, dead)

    def _cases(self) -> Metric:
        cases = GaugeMetricFamily("opora_cases_open", "Open cases by status.", labels=["status"])
        rows = Case.objects.exclude(status=Case.Status.CLOSED).values_list("status")
        for status, count in rows.annotate(Count("pk")).order_by("status"):
            cases.add_metric([status], count)
        return cases

    def _age(self, since: datetime | None) -> float:
        if since is None:
            return 0.0
        return max((self.now - since.astimezone(UTC)).total_seconds(), 0.0)


def _gauge(name: str, explanation: str, labels: dict[str, str], value: float) -> Metric:
    gauge = GaugeMetricFamily(name, explanation, labels=list(labels))
    gauge.add_metric(list(labels.values()), value)
    return gauge
