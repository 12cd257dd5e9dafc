from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class CustomersConfig(AppConfig):
    """Companies, the people there, and how satisfied they are."""

    name = "apps.customers"
    label = "customers"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from apps.customers import measures, registrations  # noqa: PLC0415 -- models are not loaded before
        from apps.events import audit  # noqa: PLC0415

        measures.register_all()
        registrations.register_all()
        audit.track(
            "customers.Account",
            "customers.AccountMember",
            "customers.Contact",
            "customers.SatisfactionResponse",
        )
        hear("apps.customers.demo")
