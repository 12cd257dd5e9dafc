"""Nobody deals with their own pay: by sign-in, on somebody's behalf, or through a second account."""

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.events import context
from apps.org.models import Person


def is_about(user: User, person_id: int | None) -> bool:
    """Tell whether a user is the person, acts on their behalf, or has a second account of theirs."""
    return person_id is not None and person_id in people_behind(user)


def people_behind(user: User) -> set[int]:
    """Return the people a user stands for: their own, that of whoever they act for, those of their e-mail."""
    found = {person_id_of(user)}
    on_behalf = context.current().on_behalf
    if on_behalf is not None:
        found |= set(Person.objects.filter(user=on_behalf).values_list("pk", flat=True))
    mailbox = _mailbox(user.email)
    if mailbox:
        name, _at, host = mailbox.partition("@")
        for column in ("email", "user__email"):
            near = {f"{column}__istartswith": name[:1], f"{column}__iendswith": host}
            known = Person.objects.filter(**near).values_list("pk", column)
            found |= {pk for pk, email in known if _mailbox(email) == mailbox}
    return {pk for pk in found if pk is not None}


def are_one(user: User, other: User | None) -> bool:
    """Tell whether two sign-ins are one human being: the same account, person or mailbox."""
    if other is None:
        return False
    if user.pk == other.pk:
        return True
    same_mail = bool(_mailbox(user.email)) and _mailbox(user.email) == _mailbox(other.email)
    return same_mail or bool(people_behind(user) & people_behind(other))


def _mailbox(email: str) -> str:
    """Return an address without case and without what a "+" adds to the name of the mailbox."""
    name, at, host = email.strip().casefold().partition("@")
    return f"{name.split('+', 1)[0]}@{host}" if at else ""
