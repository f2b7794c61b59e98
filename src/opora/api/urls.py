"""Addresses under `/api/v1/`, and what a problem's `type` points to."""

from __future__ import annotations

from opora.api import app

app_name = "api"
urlpatterns = app.urlpatterns()
