"""The routes: one line per room. The API root belongs to ``integrations``."""

from django.contrib import admin
from django.urls import include, path

from apps.core.health import livez, readyz
from apps.ui.views import manifest, offline_page, service_worker

handler404 = "apps.core.outage.missing"
handler500 = "apps.core.outage.failed"
handler429 = "apps.access.lockout.handler429"

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("sw.js", service_worker, name="service_worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("offline/", offline_page, name="offline"),
    path("admin/", admin.site.urls),
    path("accounts/", include("apps.access.account_urls")),
    path("access/", include("apps.access.urls")),
    path("events/", include("apps.events.urls")),
    path("calendars/", include("apps.calendars.urls")),
    path("notifications/", include("apps.notifications.urls")),
    path("ui/", include("apps.ui.urls")),
    path("org/", include("apps.org.urls")),
    path("measures/", include("apps.measures.urls")),
    path("roles/", include("apps.roles.urls")),
    path("customers/", include("apps.customers.urls")),
    path("pipeline/", include("apps.pipeline.urls")),
    path("targets/", include("apps.targets.urls")),
    path("incentives/", include("apps.incentives.urls")),
    path("reviews/", include("apps.reviews.urls")),
    path("training/", include("apps.training.urls")),
    path("strategy/", include("apps.strategy.urls")),
    path("", include("apps.integrations.urls")),
    path("", include("apps.insights.urls")),
]
