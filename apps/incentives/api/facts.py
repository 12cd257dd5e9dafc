"""``/api/v1/pay-inputs/``: what pay depends on and no measure knows; a person confirms it on the page."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.enums import FactKind
from apps.incentives.models import IncentivePlan, PayFact
from apps.org.models import Person
from apps.pipeline.services.credits import SOURCE
from apps.ui.rest import CreateOnce, DateField, ReadOnlyViewSet

LAST_ID = 2**63 - 1


class FactOut(serializers.ModelSerializer):
    """A grade, a weight, a day of a deal or an event, and where it stands."""

    period = serializers.CharField(source="period.code", allow_null=True, default=None)

    class Meta:
        model = PayFact
        fields = (
            "id", "kind", "plan", "name", "period", "person", "source_type", "source_id", "label", "value",
            "on", "note", "status", "told_at", "decided_at", "replaced_at",
        )  # fmt: skip
        read_only_fields = fields


class FactIn(serializers.Serializer):
    """What is recorded: without a value or day it takes back what counts now.

    A grade and a weight need ``plan``, ``name``, ``period`` and ``person``; a milestone ``opportunity`` and
    ``name``; the first or last day of a contract ``opportunity``; an event ``plan`` and ``name``.
    """

    kind = serializers.ChoiceField(choices=FactKind.choices)
    plan = serializers.IntegerField(min_value=1, max_value=LAST_ID, required=False)
    name = serializers.CharField(max_length=80, required=False, default="")
    period = serializers.CharField(max_length=20, required=False)
    person = serializers.IntegerField(min_value=1, max_value=LAST_ID, required=False, allow_null=True)
    opportunity = serializers.IntegerField(min_value=1, max_value=LAST_ID, required=False)
    value = serializers.DecimalField(max_digits=12, decimal_places=6, required=False, allow_null=True)
    on = DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the kind needs."""
        needed = {
            FactKind.GRADE: ("plan", "name", "period", "person"),
            FactKind.WEIGHT: ("plan", "name", "period", "person"),
            FactKind.MILESTONE: ("opportunity", "name"),
            FactKind.EVENT: ("plan", "name"),
        }.get(attrs["kind"], ("opportunity",))
        missing = {name: [_("This is needed.")] for name in needed if not attrs.get(name)}
        if missing:
            raise ValidationError(missing)
        return attrs


class PayFactViewSet(CreateOnce, ReadOnlyViewSet):
    """Inputs of pay: recorded here, confirmed by a second person on the page."""

    required_permissions: ClassVar = {
        "list": Permission.PAY_FACT,
        "retrieve": Permission.PAY_FACT,
        "create": Permission.PAY_FACT,
    }

    def get_serializer_class(self) -> Any:
        """Return what comes in or goes out."""
        return FactIn if self.action == "create" else FactOut

    def get_queryset(self) -> QuerySet:
        """Return the facts in reach."""
        return PayFact.objects.permitting(self.viewer, Permission.PAY_FACT).select_related("period")

    def perform(self, data: dict[str, Any]) -> PayFact:
        """Record a fact."""
        kind = data["kind"]
        by = {"note": data["note"], "by": self.viewer, "at": clock.now()}
        if kind != FactKind.GRADE and not scope_of(self.viewer, Permission.RUN_CALCULATE).everything:
            raise DomainError(_("This concerns the pay of the whole company."), code="part_only")
        if kind in {FactKind.MILESTONE, FactKind.SOLD, FactKind.ENDED}:
            return services.tell_deal_day(
                kind=kind, milestone=data["name"], source_type=SOURCE, source_id=data["opportunity"],
                on=data.get("on"), **by,
            )  # fmt: skip
        self._known(data)
        if kind == FactKind.EVENT:
            return services.tell_event(
                plan_id=data["plan"],
                event=data["name"],
                on=data.get("on"),
                person_id=data.get("person"),
                **by,
            )
        given = {
            "plan_id": data["plan"],
            "person_id": data["person"],
            "period_id": calendars.period(data["period"]).pk,
            "value": data.get("value"),
        }
        if kind == FactKind.WEIGHT:
            return services.tell_weight(pool=data["name"], **given, **by)
        return services.tell_grade(objective=data["name"], **given, **by)

    def _known(self, data: dict[str, Any]) -> None:
        """Refuse plans and people that are not there, or out of reach."""
        people = Person.objects.permitting(self.viewer, Permission.PAY_FACT)
        if data.get("person") and not people.filter(pk=data["person"]).exists():
            raise ValidationError({"person": [_("There is no such person in reach.")]})
        if not IncentivePlan.objects.visible_to(self.viewer).filter(pk=data["plan"]).exists():
            raise ValidationError({"plan": [_("There is no such plan in reach.")]})

    def shown(self, made: PayFact) -> Any:
        """Return the new fact."""
        return FactOut(made).data
