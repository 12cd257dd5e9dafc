"""Mails about accounts: written down with the change that caused them, sent from there until it works."""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.events import outbox

logger = logging.getLogger(__name__)

INVITATION = "access.send_invitation"
PASSWORD_LINK = "access.send_password_link"  # noqa: S105  # the name of a task
EMAIL_CHANGED = "access.tell_email_changed"


def password_link(user: User) -> str:
    """Return a link with which a person chooses a password: once, within PASSWORD_RESET_TIMEOUT."""
    where = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL.rstrip("/") + reverse("account_reset_password_from_key", kwargs=where)


def invite(user: User) -> None:
    """Have a new person mailed the link to choose a password, once this transaction commits."""
    outbox.enqueue(INVITATION, user_id=user.pk)


def offer_password_link(user: User) -> None:
    """Have a person mailed a link to choose a new password, once this transaction commits."""
    outbox.enqueue(PASSWORD_LINK, user_id=user.pk)


def warn_of_new_address(user: User, old: str) -> None:
    """Have the address warned that no longer belongs to the account, once this transaction commits."""
    outbox.enqueue(EMAIL_CHANGED, user_id=user.pk, address=old)


def send_invitation(user_id: int) -> None:
    """Mail an invitation now; the link is made here, so that a late mail brings a fresh one."""
    if (user := _of(user_id)) is None:
        return
    with translation.override(user.language):
        subject = _("Your account is ready")
        body = render_to_string("access/mail_invite.txt", {"user": user, "link": password_link(user)})
    _send(subject, body, user.email, user.pk)


def send_password_link(user_id: int) -> None:
    """Mail the link to choose a new password now."""
    if (user := _of(user_id)) is None:
        return
    context = {"user": user, "username": user.username, "password_reset_url": password_link(user)}
    with translation.override(user.language):
        subject = render_to_string("account/email/password_reset_key_subject.txt", context)
        body = render_to_string("account/email/password_reset_key_message.txt", context)
    _send(" ".join(subject.split()), body, user.email, user.pk)


def tell_email_changed(user_id: int, address: str) -> None:
    """Mail the warning about a changed address now."""
    user = User.objects.get(pk=user_id)
    with translation.override(user.language):
        subject = _("The e-mail address of your account was changed")
        body = render_to_string("access/mail_email_changed.txt", {"user": user})
    _send(subject, body, address, user.pk)


def _of(user_id: int) -> User | None:
    """Return the person, unless the account was closed meanwhile or has no address."""
    return User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()


def _send(subject: str, body: str, address: str, user_id: int) -> None:
    send_mail(subject, body.strip() + "\n", None, [address])
    logger.info("mail about an account sent", extra={"about_id": user_id})
