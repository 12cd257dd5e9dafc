"""Views of tables that people keep."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """Keep the user's own views."""
        return self.filter(user_id=user.pk)

    def of_table(self, key: str) -> Self:
        """Keep the views of one table, by name."""
        return self.filter(table=key).order_by("name", "pk")


class SavedView(models.Model):
    """A table's filters, sort and columns, kept under a name by one person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(_("table"), max_length=80)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=2000, blank=True)
    is_default = models.BooleanField(_("open with this view"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(name="ui_savedview_name", fields=["user", "table", "name"]),
            models.UniqueConstraint(
                name="ui_savedview_one_default", fields=["user", "table"], condition=Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"
