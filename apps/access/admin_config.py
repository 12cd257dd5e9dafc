"""Puts the product's admin site in the place of Django's."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy


class SalesorgAdminConfig(AdminConfig):
    """Django admin with the site of ``apps.access.admin_site``."""

    default_site = "apps.access.admin_site.SalesorgAdminSite"

    def ready(self) -> None:
        """Let the admin speak the reader's language where Django takes a field's or an app's bare name."""
        super().ready()
        apps.get_app_config("axes").verbose_name = gettext_lazy("Sign-in attempts")
        for model in admin.site._registry:
            for field in model._meta.fields:
                if getattr(field, "_verbose_name", None) is None:  # named after its attribute, not by hand
                    field.verbose_name = gettext_lazy(str(field.verbose_name))
