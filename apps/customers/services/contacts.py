"""Writing contacts."""

from collections.abc import Mapping

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.customers import rules
from apps.customers.models import Contact

EDITABLE = frozenset(
    {"external_id", "name", "title", "buying_role", "email", "phone", "wechat", "note", "left_on"}
)


class ContactNameMissing(DomainError):
    """A contact needs a name."""


@requires_transaction
def create_contact(*, account_id: int, name: str, **details: object) -> Contact:
    """Add a person to an account. Raises ContactNameMissing."""
    values = _checked({"name": name, **details})
    return Contact.objects.create(account_id=account_id, **values, **_keys(values))


@requires_transaction
def update_contact(*, contact_id: int, version: int, changes: Mapping[str, object]) -> Contact:
    """Change a contact and return it with its next version. Raises StaleVersion, ContactNameMissing."""
    [contact] = lock_rows(Contact.objects.filter(pk=contact_id))
    if contact.version != version:
        raise StaleVersion(
            _("Somebody changed “%(name)s” in the meantime. Look at their changes and save again.")
            % {"name": contact.name}
        )
    values = _checked(changes)
    for field, value in values.items():
        setattr(contact, field, value)
    searchable = {field: getattr(contact, field) for field in ("name", "email", "phone", "wechat")}
    for field, value in _keys(searchable).items():
        setattr(contact, field, value)
    contact.version += 1
    contact.updated_at = Now()
    contact.save(update_fields=[*values, "name_key", "search", "search_grams", "version", "updated_at"])
    return contact


def _keys(values: Mapping[str, object]) -> dict[str, object]:
    texts = [str(values.get(field) or "") for field in ("name", "email", "phone", "wechat")]
    return {
        "name_key": rules.name_key(texts[0]),
        "search": rules.search_text(*texts),
        "search_grams": rules.search_grams(*texts),
    }


def _checked(changes: Mapping[str, object]) -> dict[str, object]:
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of a contact: {sorted(unknown)}")
    values = {field: value.strip() if isinstance(value, str) else value for field, value in changes.items()}
    if "name" in values and not values["name"]:
        raise ContactNameMissing(_("Enter the name of the contact."), fields={"name": _("Enter a name.")})
    return values
