"""Roles, their versions and the responsibility matrix as JSON."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.roles.enums import Letter, Level, Phase
from apps.roles.models import PositionRole, ProcessStep, Responsibility, RoleVersion, SalesRole, Skill
from apps.roles.services import RoleContent
from apps.ui.rest import DateField


class SkillNeedOut(serializers.Serializer):
    """A skill and the level needed, 1 to 5."""

    skill = serializers.CharField(source="skill.code")
    level = serializers.IntegerField()


class KpiOut(serializers.Serializer):
    """A measure and its weight in percent."""

    measure = serializers.CharField()
    weight = serializers.DecimalField(5, 2)


class VersionOut(serializers.ModelSerializer):
    """What a role says from a day on."""

    starts_on = serializers.DateField(source="valid.lower")
    ends_before = serializers.DateField(source="valid.upper", allow_null=True)
    duties = serializers.SlugRelatedField("text", many=True, read_only=True)
    skills = SkillNeedOut(many=True)
    kpis = KpiOut(many=True)

    class Meta:
        model = RoleVersion
        fields = (
            "number", "purpose", "authority", "starts_on", "ends_before", "duties", "skills", "kpis",
        )  # fmt: skip
        read_only_fields = fields


class RoleOut(serializers.ModelSerializer):
    """A role with its versions, oldest first."""

    versions = VersionOut(many=True)

    class Meta:
        model = SalesRole
        fields = ("id", "code", "name", "versions")
        read_only_fields = fields


class SkillNeedIn(serializers.Serializer):
    """A skill by its code and the level needed."""

    skill = serializers.SlugField(max_length=40)
    level = serializers.ChoiceField(Level.choices)


class KpiIn(serializers.Serializer):
    """A measure by its code and its weight in percent; the weights of a role add up to 100."""

    measure = serializers.CharField(max_length=40)
    weight = serializers.DecimalField(5, 2, min_value=Decimal(1), max_value=Decimal(100))


class VersionIn(serializers.Serializer):
    """What a role says from a day on."""

    purpose = serializers.CharField(max_length=2000)
    authority = serializers.CharField(max_length=2000, default="", allow_blank=True)
    duties = serializers.ListField(child=serializers.CharField(max_length=300), max_length=40, default=list)
    skills = SkillNeedIn(many=True, default=list)
    kpis = KpiIn(many=True)
    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    on = DateField()


class RoleIn(VersionIn):
    """A new role with its first version."""

    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=120)


def content_of(data: dict[str, Any]) -> RoleContent:
    """Return what a checked ``VersionIn`` says."""
    return RoleContent(
        purpose=data["purpose"],
        authority=data["authority"],
        duties=data["duties"],
        skills=[(need["skill"], int(need["level"])) for need in data["skills"]],
        kpis=[(kpi["measure"], kpi["weight"]) for kpi in data["kpis"]],
    )


class SkillOut(serializers.ModelSerializer):
    """A skill of the catalogue."""

    class Meta:
        model = Skill
        fields = ("id", "code", "name", "description")
        read_only_fields = fields


class PositionRoleOut(serializers.ModelSerializer):
    """The role a position carries, from when to when."""

    starts_on = serializers.DateField(source="valid.lower")
    ends_before = serializers.DateField(source="valid.upper", allow_null=True)

    class Meta:
        model = PositionRole
        fields = ("id", "position", "role", "starts_on", "ends_before")
        read_only_fields = fields


class PositionRoleIn(serializers.Serializer):
    """A role for a position from a day on, instead of the one before."""

    position = serializers.IntegerField(min_value=1)
    role = serializers.IntegerField(min_value=1)
    on = DateField()


class PartOut(serializers.ModelSerializer):
    """The part a role plays: R does it, A answers for it, C is asked, I is told."""

    class Meta:
        model = Responsibility
        fields = ("role", "letter")
        read_only_fields = fields


class StepOut(serializers.ModelSerializer):
    """A step of the selling process with who plays which part."""

    responsibilities = PartOut(many=True)

    class Meta:
        model = ProcessStep
        fields = ("id", "code", "name", "phase", "position", "description", "responsibilities")
        read_only_fields = fields


class StepIn(serializers.Serializer):
    """A new step."""

    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=120)
    phase = serializers.ChoiceField(Phase.choices)
    position = serializers.IntegerField(min_value=1, max_value=1000)
    description = serializers.CharField(max_length=2000, default="", allow_blank=True)


class PartIn(serializers.Serializer):
    """A role and its letter."""

    role = serializers.IntegerField(min_value=1)
    letter = serializers.ChoiceField(Letter.choices)


class PartsIn(serializers.Serializer):
    """Every part in a step, instead of what was said before."""

    responsibilities = PartIn(many=True)
