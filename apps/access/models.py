"""Users and the tokens that programs use in their name."""

import datetime as dt
from typing import Any, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.access.rules import MAX_DAYS, permissions_of


class Users(UserManager["User"]):
    """Accounts; none of them skips the checks."""

    use_in_migrations = False

    def create_superuser(self, *args: Any, **kwargs: Any) -> "User":
        """Refuse, and name the way to a first administrator. Raises ValidationError."""
        raise ValidationError(
            _("Nobody skips the checks here. Use “manage.py create_administrator” for the first account.")
        )


class User(AbstractUser):
    """Somebody who signs in. What they may do follows from the organisation, not from flags here."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    display_name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects = Users()  # type: ignore[misc]  # narrower than the one of the base class

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]  # Django takes a lazy name
        verbose_name_plural = _("users")  # type: ignore[assignment]  # Django takes a lazy name
        constraints = (
            # What people may do comes from the role matrix alone, so the flag that skips checks stays off.
            models.CheckConstraint(
                name="access_user_never_superuser", condition=models.Q(is_superuser=False)
            ),
            models.UniqueConstraint(Lower("username"), name="access_user_username_any_case"),
            models.UniqueConstraint(
                Lower("email"), name="access_user_email_any_case", condition=~models.Q(email="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"

    @property
    def name(self) -> str:
        """The name shown to people."""
        return self.display_name or self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Tie every session to the password and to the epoch, so that raising it signs out everywhere."""
        return f"{super()._get_session_auth_hash(secret)}.{self.session_epoch}"


class ApiTokenQuerySet(models.QuerySet):
    """Tokens of programs."""

    def usable(self, at: dt.datetime) -> Self:
        """Keep the tokens that still open the door: not revoked, not expired, owner active."""
        return self.filter(revoked_at=None, expires_at__gt=at, owner__is_active=True)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the user's own tokens; nobody sees those of others."""
        return self.filter(owner_id=user.pk)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the tokens the user may act on: their own."""
        return self.visible_to(user, on)


class ApiToken(models.Model):
    """A secret with which a program acts as its owner, within the scopes it was given.

    Only the SHA-256 digest is kept; the secret is shown once, at creation.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("owner"))
    label = models.CharField(_("what it is for"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = (
            models.CheckConstraint(
                name="access_token_lives_at_most_a_year",
                condition=models.Q(
                    expires_at__gt=models.F("created_at"),
                    expires_at__lte=models.F("created_at") + dt.timedelta(days=MAX_DAYS),
                ),
            ),
            models.CheckConstraint(name="access_token_has_scopes", condition=models.Q(scopes__len__gte=1)),
        )
        indexes = (models.Index(fields=["owner", "-created_at"], name="access_token_owner"),)

    def __str__(self) -> str:
        return f"{self.prefix}… (#{self.pk})"

    @property
    def permissions(self) -> frozenset[Permission]:
        """The permissions its scopes add up to, before the owner's own are taken into account."""
        return permissions_of(self.scopes)
