"""Mails about accounts; each leaves after the transaction that caused it is committed."""

import functools
import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.access.models import User

logger = logging.getLogger(__name__)


def password_link(user: User) -> str:
    """Return a link with which a person chooses a password: once, within PASSWORD_RESET_TIMEOUT."""
    where = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL.rstrip("/") + reverse("account_reset_password_from_key", kwargs=where)


def send_invitation(user: User) -> None:
    """Mail a new person the link to choose a password."""
    with translation.override(user.language):
        subject = _("Your account is ready")
        body = render_to_string("access/mail_invite.txt", {"user": user, "link": password_link(user)})
    transaction.on_commit(functools.partial(_send, subject, body, user.email, user.pk))


def tell_email_changed(user: User, old: str) -> None:
    """Warn the address that no longer belongs to the account."""
    with translation.override(user.language):
        subject = _("The e-mail address of your account was changed")
        body = render_to_string("access/mail_email_changed.txt", {"user": user})
    transaction.on_commit(functools.partial(_send, subject, body, old, user.pk))


def _send(subject: str, body: str, address: str, user_id: int) -> None:
    try:
        send_mail(subject, body.strip() + "\n", None, [address])
    except OSError:  # the mail server is away: the link can be sent again from the list of users
        logger.exception("mail about an account was not sent", extra={"about_id": user_id})
