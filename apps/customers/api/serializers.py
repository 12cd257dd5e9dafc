"""Customers as the API reads and writes them."""

from rest_framework import serializers

from apps.customers.enums import BuyingRole, SurveyChannel
from apps.customers.models import Account, Contact, SatisfactionResponse
from apps.ui.rest import DateField


class AccountOut(serializers.ModelSerializer):
    """An account."""

    class Meta:
        model = Account
        fields = [
            "id", "external_id", "name", "parent_id", "owner_id", "registration_code", "sector", "country",
            "city", "website", "phone", "employees", "annual_revenue", "founded", "note", "version",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class AccountIn(serializers.Serializer):
    """What an account is made of."""

    name = serializers.CharField(max_length=200)
    external_id = serializers.CharField(max_length=80, required=False, allow_blank=True)
    parent_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    owner_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    registration_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    sector = serializers.CharField(max_length=80, required=False, allow_blank=True)
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    website = serializers.URLField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    employees = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2147483647)
    annual_revenue = serializers.DecimalField(
        18, 2, required=False, allow_null=True, min_value=0, max_value=999999999999
    )
    founded = serializers.IntegerField(required=False, allow_null=True, min_value=1000, max_value=2200)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    accept_duplicate = serializers.BooleanField(required=False, default=False)


class ContactOut(serializers.ModelSerializer):
    """A contact."""

    class Meta:
        model = Contact
        fields = [
            "id", "external_id", "account_id", "name", "title", "buying_role", "email", "phone", "wechat",
            "note", "left_on", "version", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class ContactIn(serializers.Serializer):
    """What a contact is made of."""

    account_id = serializers.IntegerField(min_value=1)
    name = serializers.CharField(max_length=120)
    external_id = serializers.CharField(max_length=80, required=False, allow_blank=True)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    buying_role = serializers.ChoiceField(BuyingRole.choices, required=False)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    wechat = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    left_on = DateField(required=False, allow_null=True)


class SatisfactionOut(serializers.ModelSerializer):
    """An answer."""

    class Meta:
        model = SatisfactionResponse
        fields = [
            "id", "external_id", "account_id", "contact_id", "person_id", "score", "responded_on", "channel",
            "comment", "withdrawn_on", "withdrawn_reason",
        ]  # fmt: skip
        read_only_fields = fields


class SatisfactionIn(serializers.Serializer):
    """One answer to record."""

    account_id = serializers.IntegerField(min_value=1)
    score = serializers.IntegerField(min_value=1, max_value=5)
    responded_on = DateField()
    contact_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    channel = serializers.ChoiceField(SurveyChannel.choices, required=False)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=80, required=False, allow_blank=True)
