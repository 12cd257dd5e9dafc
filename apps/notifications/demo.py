"""The demo company read its older notices long ago."""

from django.db.models import OuterRef, Subquery

from apps.core import clock
from apps.core.demo import DemoContext
from apps.notifications.models import Notification


def finish(context: DemoContext) -> None:
    """Leave everybody the newest notice of each kind; the earlier ones are read, and none is e-mailed."""
    now = clock.now()
    newest = Notification.objects.filter(user=OuterRef("user"), kind=OuterRef("kind")).order_by("-pk")
    Notification.objects.exclude(pk=Subquery(newest.values("pk")[:1])).update(read_at=now)
    Notification.objects.update(emailed_at=now)
