"""What the parts of a mapping are called on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HOLDS: dict[str, Promise] = {
    "": _("Nothing to import"),
    "organisation": _("People and their teams"),
    "products": _("Products"),
    "accounts": _("Accounts"),
    "opportunities": _("Deals"),
}
KIND_LABELS: dict[str, Promise] = {
    "organisation": _("Units, seats and people"),
    "products": _("Products"),
    "accounts": _("Accounts"),
    "deals": _("Deals"),
}
FIELD_LABELS: dict[str, Promise] = {
    "external_id": _("Id"),
    "code": _("Code"),
    "name": _("Name"),
    "series": _("Series"),
    "price": _("List price"),
    "sector": _("Sector"),
    "country": _("Country"),
    "city": _("City"),
    "founded": _("Founded"),
    "annual_revenue": _("Annual revenue"),
    "employees": _("Employees"),
    "registration_code": _("Registration code"),
    "parent": _("Parent account"),
    "owner": _("Owner"),
    "product": _("Product"),
    "account": _("Account"),
    "stage": _("Stage"),
    "created_on": _("Created on"),
    "closed_on": _("Won or lost on"),
    "expected_close_on": _("Expected close"),
    "amount": _("Amount"),
    "region": _("Region"),
    "team": _("Team"),
    "branch": _("Branch"),
    "department": _("Department"),
}
# What may be left blank; the rest must refer to something.
OPTIONAL = frozenset({"product", "account", "parent"})


def field_label(name: str) -> str:
    """Return what a field is called; a column of a file is called by its own name."""
    return str(FIELD_LABELS.get(name, name))
