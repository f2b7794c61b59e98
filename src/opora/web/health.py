"""Is it alive, is it ready: one word each, for load balancers; no sign-in, no detail."""

from __future__ import annotations

import tempfile

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from opora.core import installation

log = structlog.get_logger("opora.health")


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is up to date, and the data folder takes writes; else 503.

    What is wrong stands in the log, not in the answer.
    """
    try:
        if not installation.is_current():
            raise installation.DatabaseIsNotCurrent
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
            file.write(b"\0" * 65536)
            file.flush()
    except Exception:  # whatever it is, the answer is the same
        log.exception("health.not_ready")
        return HttpResponse("unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
