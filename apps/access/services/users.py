"""Users: invite, close and reopen accounts, lift a lock-out, end sessions, keep one's own settings."""

import datetime as dt
import logging
import zoneinfo

from axes.utils import reset
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.utils.translation import gettext as _

from apps.access import mails
from apps.access.models import ApiToken, User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError

logger = logging.getLogger(__name__)


class InvalidUser(DomainError):
    """A field of the account cannot be as given."""


class NotOnYourself(DomainError):
    """Nobody closes or promotes their own account."""


class AlreadyClosed(DomainError):
    """The account is closed already."""


class NotClosed(DomainError):
    """The account is open."""


@requires_transaction
def create_user(
    *,
    username: str,
    display_name: str,
    email: str,
    language: str = User.Language.ENGLISH,
    is_staff: bool = False,
) -> User:
    """Create an account without a password. Raises InvalidUser for a name or address taken or malformed."""
    username, email = username.strip(), email.strip()
    _check_username(username)
    _check_email(email)
    user = User(
        username=username,
        display_name=display_name.strip(),
        email=email,
        language=language,
        is_staff=is_staff,
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    logger.info("user created", extra={"created_id": user.pk})
    return user


@requires_transaction
def invite_user(
    *,
    username: str,
    display_name: str,
    email: str,
    language: str = User.Language.ENGLISH,
    is_staff: bool = False,
) -> User:
    """Create an account and mail its owner the link to choose a password. Raises InvalidUser."""
    user = create_user(
        username=username, display_name=display_name, email=email, language=language, is_staff=is_staff
    )
    mails.invite(user)
    return user


@requires_transaction
def invite_again(*, user_id: int) -> User:
    """Mail the link to choose a password once more; the older link stops working with the first use."""
    [user] = lock_rows(User.objects.filter(pk=user_id))
    if not user.is_active:
        raise AlreadyClosed(_("This account is closed. Reopen it first."))
    mails.invite(user)
    return user


@requires_transaction
def close_user(*, user_id: int, by: User, at: dt.datetime) -> User:
    """Close an account: its sessions and tokens are refused from the next request on.

    Raises NotOnYourself, AlreadyClosed.
    """
    [user] = lock_rows(User.objects.filter(pk=user_id))
    if user.pk == by.pk:
        raise NotOnYourself(_("You cannot close your own account. Ask another administrator."))
    if not user.is_active:
        raise AlreadyClosed(_("This account is closed already."))
    user.is_active = False
    user.session_epoch += 1
    user.save(update_fields=["is_active", "session_epoch"])
    ApiToken.objects.filter(owner=user, revoked_at=None).update(revoked_at=at)
    logger.info("user closed", extra={"closed_id": user.pk, "by": by.pk})
    return user


@requires_transaction
def reopen_user(*, user_id: int, by: User) -> User:
    """Open a closed account again; its old sessions and tokens stay dead. Raises NotClosed, NotOnYourself."""
    [user] = lock_rows(User.objects.filter(pk=user_id))
    if user.pk == by.pk:
        raise NotOnYourself(_("You cannot reopen your own account."))
    if user.is_active:
        raise NotClosed(_("This account is open."))
    user.is_active = True
    user.save(update_fields=["is_active"])
    logger.info("user reopened", extra={"reopened_id": user.pk, "by": by.pk})
    return user


@requires_transaction
def unlock_user(*, user_id: int) -> User:
    """Forget the wrong passwords of an account, so that its owner can try again at once."""
    [user] = lock_rows(User.objects.filter(pk=user_id))
    reset(username=user.username)
    logger.info("user unlocked", extra={"unlocked_id": user.pk})
    return user


@requires_transaction
def set_staff(*, user_id: int, is_staff: bool, by: User) -> User:
    """Open or shut the door of the administration; roles decide what is behind. Raises NotOnYourself."""
    [user] = lock_rows(User.objects.filter(pk=user_id))
    if user.pk == by.pk:
        raise NotOnYourself(_("You cannot change your own access. Ask another administrator."))
    user.is_staff = is_staff
    user.save(update_fields=["is_staff"])
    return user


@requires_transaction
def end_sessions(*, user_id: int) -> User:
    """Sign the account out everywhere at the next request."""
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
    return User.objects.get(pk=user_id)


@requires_transaction
def save_settings(*, user_id: int, display_name: str, language: str, theme: str, time_zone: str) -> User:
    """Keep what a person set for themselves. Raises InvalidUser for an unknown language, theme or zone."""
    if language not in User.Language.values or theme not in User.Theme.values:
        raise InvalidUser(_("Choose one of the languages and themes offered."))
    if time_zone and time_zone not in zoneinfo.available_timezones():
        raise InvalidUser(
            _("Unknown time zone."), fields={"time_zone": _("Choose a time zone from the list.")}
        )
    [user] = lock_rows(User.objects.filter(pk=user_id))
    user.display_name, user.language = display_name.strip(), language
    user.theme, user.time_zone = theme, time_zone
    user.save(update_fields=["display_name", "language", "theme", "time_zone"])
    return user


@requires_transaction
def change_email(*, user_id: int, email: str) -> User:
    """Change a person's own address and tell the old one. Raises InvalidUser."""
    email = email.strip()
    [user] = lock_rows(User.objects.filter(pk=user_id))
    _check_email(email, besides=user.pk)
    old, user.email = user.email, email
    user.save(update_fields=["email"])
    if old:
        mails.warn_of_new_address(user, old)
    return user


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        text = _("A user name has letters, digits and @ . + - _ only.")
        raise InvalidUser(text, fields={"username": text}) from error
    if User.objects.filter(username__iexact=username).exists():
        text = _("This user name is taken.")
        raise InvalidUser(text, fields={"username": text})


def _check_email(email: str, besides: int | None = None) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        text = _("Enter an e-mail address like name@example.com.")
        raise InvalidUser(text, fields={"email": text}) from error
    others = User.objects.filter(email__iexact=email)
    if besides is not None:
        others = others.exclude(pk=besides)
    if others.exists():
        text = _("Another account has this address.")
        raise InvalidUser(text, fields={"email": text})
