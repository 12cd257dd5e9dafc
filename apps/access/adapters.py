"""How allauth behaves here: nobody signs up, links use the configured address, secrets are encrypted."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access import mails
from apps.access.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators; addresses in mails never come from the request."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: accounts are created by administrators."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a mail, built from SITE_URL whatever Host the request claimed."""
        uidb36, _dash, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
        return settings.SITE_URL.rstrip("/") + path

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Have the link mailed to the stored address, whatever was typed, as soon as the server takes it."""
        with transaction.atomic():
            mails.offer_password_link(user)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Answer 429 instead of a form error when one address tries too often."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            request.axes_locked_out = True  # type: ignore[attr-defined]  # read by AxesMiddleware
            raise


class MFAAdapter(DefaultMFAAdapter):
    """Seeds and recovery codes are kept encrypted with a key derived from SECRET_KEY."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not valid. Type the six digits the app shows now."),
    }

    def encrypt(self, text: str) -> str:
        """Return the text as it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was stored."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"access.mfa:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
