"""Puts the product's admin site in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class SalesorgAdminConfig(AdminConfig):
    """Django admin with the site of ``apps.access.admin_site``."""

    default_site = "apps.access.admin_site.SalesorgAdminSite"
