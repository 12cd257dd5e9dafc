"""Customers: companies, the people there, and how satisfied they are."""

import datetime as dt
from typing import Any, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.money import MoneyField, bounded
from apps.core.names import NameField
from apps.customers import rules
from apps.customers.enums import BuyingRole, SurveyChannel
from apps.org.models import Person

_Rows = TypeVar("_Rows", bound="models.QuerySet[Any]")


def searched(queryset: _Rows, text: str) -> _Rows:
    """Keep the rows whose ``search`` column contains every word of a text, found through the pieces index."""
    for word in rules.folded(text).split():
        grams = rules.query_grams(word)
        if grams:
            queryset = queryset.filter(search_grams__contains=grams)
        queryset = queryset.filter(search__contains=word)
    return queryset


class AccountQuerySet(models.QuerySet):
    """Companies."""

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep accounts that somebody in the reach of the permission owns or works on."""
        scope = scope_of(user, permission, on)
        if scope.everything:
            return self.all()
        shared = AccountMember.objects.filter(scope.people("person")).values("account_id")
        return self.filter(scope.people("owner") | Q(pk__in=shared))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep accounts the user may see."""
        return self.permitting(user, Permission.ACCOUNT_VIEW, on)

    def matching(self, text: str) -> Self:
        """Keep accounts whose name, code or pinyin contains the words."""
        return searched(self, text)

    def alphabetical(self) -> Self:
        """Order by name, Chinese by pinyin."""
        return self.order_by("name_key", "pk")


class Account(models.Model):
    """A company we sell to. ``parent`` builds the family; a cycle is refused by a trigger."""

    external_id = models.CharField(_("external id"), max_length=80, blank=True, default="")
    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(_("sort key"), max_length=300, editable=False)
    match_key = models.CharField(_("comparison key"), max_length=300, editable=False)
    search = models.CharField(_("search text"), max_length=1000, editable=False)
    search_grams = ArrayField(models.CharField(max_length=2), default=list, editable=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    owner = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    registration_code = models.CharField(_("registration code"), max_length=40, blank=True, default="")
    sector = NameField(_("sector"), max_length=80, blank=True, default="")
    country = NameField(_("country"), max_length=80, blank=True, default="")
    city = NameField(_("city"), max_length=80, blank=True, default="")
    website = models.URLField(_("website"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue = MoneyField(_("annual revenue"), null=True, blank=True)
    founded = models.PositiveSmallIntegerField(_("founded"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, default="", max_length=4000)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="customers_account_external_id_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customers_account_named"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                name="customers_account_parent_other",
            ),
            bounded("customers_account_revenue_bounds", "annual_revenue"),
            bounded("customers_account_founded_bounds", "founded", low=1000, high=2200),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="customers_account_sorted"),
            models.Index(fields=["match_key"], name="customers_account_matched"),
            GinIndex(fields=["search_grams"], name="customers_account_grams", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class ThroughAccountQuerySet(models.QuerySet):
    """Rows that are seen by whoever sees their account."""

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep rows of accounts in the reach of the permission."""
        if scope_of(user, permission, on).everything:
            return self.all()
        return self.filter(account__in=Account.objects.permitting(user, permission, on))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep rows of accounts the user may see."""
        return self.permitting(user, Permission.ACCOUNT_VIEW, on)


class AccountMember(models.Model):
    """Somebody who works on an account without owning it, and therefore sees it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))

    objects = ThroughAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account member")
        verbose_name_plural = _("account members")
        constraints = [
            models.UniqueConstraint(fields=["account", "person"], name="customers_member_once"),
        ]

    def __str__(self) -> str:
        return f"member {self.person_id} of account {self.account_id} (#{self.pk})"


class ContactQuerySet(ThroughAccountQuerySet):
    """People at accounts."""

    def matching(self, text: str) -> Self:
        """Keep those whose search text contains the words."""
        return searched(self, text)


class Contact(models.Model):
    """A person at an account."""

    external_id = models.CharField(_("external id"), max_length=80, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=120)
    name_key = models.CharField(_("sort key"), max_length=300, editable=False)
    search = models.CharField(_("search text"), max_length=1000, editable=False)
    search_grams = ArrayField(models.CharField(max_length=2), default=list, editable=False)
    title = NameField(_("job title"), max_length=120, blank=True, default="")
    buying_role = models.CharField(
        _("buying role"), max_length=20, choices=BuyingRole, blank=True, default=BuyingRole.UNKNOWN
    )
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="", max_length=4000)
    left_on = models.DateField(_("left the company on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="customers_contact_external_id_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customers_contact_named"),
        ]
        indexes = [
            models.Index(fields=["name_key", "id"], name="customers_contact_sorted"),
            GinIndex(fields=["search_grams"], name="customers_contact_grams", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class SatisfactionResponse(models.Model):
    """One customer's answer to "how satisfied are you?", 1 to 5. Withdrawn, never edited."""

    external_id = models.CharField(_("external id"), max_length=80, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, related_name="responses", verbose_name=_("account"))
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("credited to")
    )
    score = models.PositiveSmallIntegerField(_("score"))
    responded_on = models.DateField(_("answered on"))
    channel = models.CharField(
        _("channel"), max_length=20, choices=SurveyChannel, default=SurveyChannel.SURVEY
    )
    comment = models.TextField(_("comment"), blank=True, default="", max_length=2000)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("reason for withdrawing"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = ThroughAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("satisfaction response")
        verbose_name_plural = _("satisfaction responses")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="customers_response_external_id_once",
            ),
            bounded(
                "customers_response_score_bounds", "score", low=rules.LOWEST_SCORE, high=rules.HIGHEST_SCORE
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="customers_response_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["account", "-responded_on"], name="customers_response_of_account")]

    def __str__(self) -> str:
        return f"{self.score} of 5 on {self.responded_on} (#{self.pk})"
