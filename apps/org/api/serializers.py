"""The organisation as JSON. A dated row runs from ``starts_on`` to the day before ``ends_before``."""

from decimal import Decimal

from rest_framework import serializers

from apps.access.permissions import GRANTABLE_ROLES
from apps.org.enums import LineType, UnitKind
from apps.org.models import Assignment, OrgUnit, Person, Position, ReportingLine, RoleGrant
from apps.ui.rest import DateField


class DatedOut(serializers.ModelSerializer):
    """A row with the days on which it is true."""

    starts_on = serializers.DateField(source="valid.lower")
    ends_before = serializers.DateField(source="valid.upper", allow_null=True)


class UnitOut(serializers.ModelSerializer):
    """A unit, where it is on the day asked for: the unit above and the way down from the top."""

    parent = serializers.IntegerField(source="parent_on", allow_null=True)
    path = serializers.ListField(child=serializers.IntegerField(), source="path_on")

    class Meta:
        model = OrgUnit
        fields = ("id", "code", "name", "kind", "parent", "path")
        read_only_fields = fields


class UnitIn(serializers.Serializer):
    """A new unit below another from a day on."""

    code = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=150)
    kind = serializers.ChoiceField(UnitKind.choices, default=UnitKind.TEAM)
    parent = serializers.IntegerField(min_value=1)
    on = DateField()


class UnitNameIn(serializers.Serializer):
    """Another name or kind for a unit."""

    name = serializers.CharField(max_length=150, required=False)
    kind = serializers.ChoiceField(UnitKind.choices, required=False)


class UnitMoveIn(serializers.Serializer):
    """Where a unit moves, with everything below it, and from which day on."""

    parent = serializers.IntegerField(min_value=1)
    on = DateField()


class OnIn(serializers.Serializer):
    """The first day on which the change is true."""

    on = DateField()


class PersonOut(serializers.ModelSerializer):
    """Somebody in the company with the primary seat of the day asked for."""

    position = serializers.IntegerField(source="position_on", allow_null=True)
    unit = serializers.IntegerField(source="unit_on", allow_null=True)

    class Meta:
        model = Person
        fields = ("id", "external_id", "name", "email", "hired_on", "left_on", "position", "unit")
        read_only_fields = fields


class PersonIn(serializers.Serializer):
    """Somebody to hire, into a vacant position or without a seat yet."""

    external_id = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=150)
    email = serializers.EmailField(default="", allow_blank=True)
    position = serializers.IntegerField(min_value=1, default=None, allow_null=True)
    fte_percent = serializers.DecimalField(
        5, 2, min_value=Decimal(1), max_value=Decimal(100), default=Decimal(100)
    )
    on = DateField()


class PersonMoveIn(serializers.Serializer):
    """The vacant seat a person moves to."""

    position = serializers.IntegerField(min_value=1)
    on = DateField()


class PositionOut(serializers.ModelSerializer):
    """A seat, its unit and its holder on the day asked for; without a unit it is not approved that day."""

    unit = serializers.IntegerField(source="unit_on", allow_null=True)
    is_lead = serializers.BooleanField(source="lead_on", allow_null=True)
    holder = serializers.IntegerField(source="holder_on", allow_null=True)

    class Meta:
        model = Position
        fields = ("id", "code", "title", "unit", "is_lead", "holder")
        read_only_fields = fields


class PositionIn(serializers.Serializer):
    """A new seat in a unit."""

    code = serializers.CharField(max_length=64)
    title = serializers.CharField(max_length=150)
    unit = serializers.IntegerField(min_value=1)
    is_lead = serializers.BooleanField(default=False)
    on = DateField()


class PositionTitleIn(serializers.Serializer):
    """Another title for a seat."""

    title = serializers.CharField(max_length=150)


class PositionMoveIn(serializers.Serializer):
    """The unit a seat moves to, with whoever holds it."""

    unit = serializers.IntegerField(min_value=1)
    is_lead = serializers.BooleanField(default=False)
    on = DateField()


class AssignmentOut(DatedOut):
    """Who holds a seat."""

    class Meta:
        model = Assignment
        fields = (
            "id", "position", "person", "fte_percent", "is_primary", "is_acting", "starts_on", "ends_before",
        )  # fmt: skip
        read_only_fields = fields


class AssignmentIn(serializers.Serializer):
    """A person for a seat; acting means standing in beside the own seat."""

    person = serializers.IntegerField(min_value=1)
    position = serializers.IntegerField(min_value=1)
    fte_percent = serializers.DecimalField(
        5, 2, min_value=Decimal(1), max_value=Decimal(100), default=Decimal(100)
    )
    is_primary = serializers.BooleanField(default=None, allow_null=True)
    is_acting = serializers.BooleanField(default=False)
    on = DateField()
    until = DateField(default=None, allow_null=True)


class LineOut(DatedOut):
    """A line between seats that differs from the structure."""

    class Meta:
        model = ReportingLine
        fields = ("id", "position", "manager", "line_type", "starts_on", "ends_before")
        read_only_fields = fields


class LineIn(serializers.Serializer):
    """To which seat another reports; direct replaces the structure's line, dotted adds to it."""

    position = serializers.IntegerField(min_value=1)
    manager = serializers.IntegerField(min_value=1)
    line_type = serializers.ChoiceField(LineType.choices, default=LineType.DIRECT)
    on = DateField()
    until = DateField(default=None, allow_null=True)


class GrantOut(DatedOut):
    """A role in a unit and everything below it."""

    class Meta:
        model = RoleGrant
        fields = ("id", "user", "role", "unit", "granted_by", "starts_on", "ends_before")
        read_only_fields = fields


class GrantIn(serializers.Serializer):
    """A role for a user."""

    user = serializers.IntegerField(min_value=1)
    role = serializers.ChoiceField([(role.value, role.label) for role in GRANTABLE_ROLES])
    unit = serializers.IntegerField(min_value=1)
    on = DateField()
    until = DateField(default=None, allow_null=True)
