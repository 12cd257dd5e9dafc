"""What the parts of a mapping are called on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission

HOLDS: dict[str, Promise] = {
    "": _("Nothing to import"),
    "organisation": _("People and their teams"),
    "products": _("Products"),
    "accounts": _("Accounts"),
    "opportunities": _("Deals"),
    "absences": _("Absences"),
}
# Who may bring in what: leave is for those who record it by hand, everything else for those who load data.
NEEDS: dict[str, Permission] = {
    **dict.fromkeys(("organisation", "products", "accounts", "opportunities"), Permission.IMPORT_DATA),
    "absences": Permission.ABSENCE_EDIT,
}
KIND_LABELS: dict[str, Promise] = {
    "organisation": _("Units, seats and people"),
    "products": _("Products"),
    "accounts": _("Accounts"),
    "deals": _("Deals"),
    "absences": _("Absences"),
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
    "person": _("Person"),
    "kind": _("Kind of absence"),
    "starts_on": _("First day"),
    "last_day": _("Last day"),
    "is_paid": _("With pay"),
    "time_percent": _("Share of the working time, %"),
    "relieves_quota": _("Lowers the quota"),
    "note": _("Note"),
}
# What may be left blank; the rest must refer to something.
OPTIONAL = frozenset({"product", "account", "parent"})


def field_label(name: str) -> str:
    """Return what a field is called; a column of a file is called by its own name."""
    return str(FIELD_LABELS.get(name, name))
