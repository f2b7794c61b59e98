"""Every address of Opora. The access matrix test walks this tree."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from opora.web import demo, health, metrics, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("theme/<slug:version>.css", views.theme, name="theme"),
    path("logo/<slug:version>/", views.logo, name="logo"),
    path("appearance/", views.appearance, name="appearance"),
    path("language/", views.language, name="language"),
    path("signed-out/", views.signed_out, name="signed_out"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("demo/", demo.page, name="demo"),
    path("", include("opora.web.accounts.urls")),
    path("api/v1/", include("opora.api.urls")),
    path("desk/", include("opora.desk.urls")),
    path("", include("opora.portal.urls")),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
