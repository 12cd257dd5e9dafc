"""Team performance as JSON. Amounts and ratios are strings, so that nothing is lost on the way."""

from rest_framework import serializers

from apps.pipeline.models import Opportunity

_RATIO = "a ratio, 1 is 100 %, rounded to six decimals; null where nothing can be said"


class SubjectOut(serializers.Serializer):
    """A unit or a person."""

    type = serializers.ChoiceField(["unit", "person"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField(help_text="the same question about this subject")


class PeriodOut(serializers.Serializer):
    """The days that count: the period, up to and including `today` while it runs."""

    code = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField(help_text="the day after the last one that counts")
    ends_before = serializers.DateField(help_text="the day after the last one of the period")
    today = serializers.DateField()


class AttainmentOut(serializers.Serializer):
    """Revenue against its quota."""

    actual = serializers.CharField(allow_null=True)
    quota = serializers.CharField(allow_null=True, help_text="null without a target one may see")
    ratio = serializers.CharField(allow_null=True, help_text=_RATIO)
    expected = serializers.CharField(allow_null=True, help_text="the quota to date, by season and workdays")
    pace = serializers.CharField(allow_null=True, help_text="actual by expected; " + _RATIO)
    elapsed = serializers.CharField(allow_null=True, help_text="expected by quota; " + _RATIO)
    projection = serializers.CharField(allow_null=True, help_text="from 20 % of the quota's weight on")
    rows_url = serializers.CharField(help_text="the ledger rows that add up to the actual")


class CrowdOut(serializers.Serializer):
    """The people beside their total."""

    members = serializers.IntegerField(help_text="people with a quota")
    median = serializers.CharField(allow_null=True, help_text="median attainment; " + _RATIO)
    made_it = serializers.CharField(allow_null=True, help_text="share of people at 100 % or more")


class TeamFigureOut(serializers.Serializer):
    """One measure of the subject."""

    measure = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="money, count, ratio, days or score")
    value = serializers.CharField(allow_null=True, help_text="exact decimal; null without a denominator")
    numerator = serializers.CharField()
    denominator = serializers.CharField(allow_null=True)
    rows_url = serializers.CharField(
        allow_null=True, help_text="the ledger rows behind it; null for a stock, which is what is open now"
    )
    why_url = serializers.CharField(help_text="the page that explains it")


class StepOut(serializers.Serializer):
    """An open stage of the standard process, and the deals that first entered it in the period."""

    stage = serializers.IntegerField()
    name = serializers.CharField()
    entered = serializers.IntegerField()
    passed = serializers.IntegerField(help_text="of those, how many reached a later stage or were won")
    rate = serializers.CharField(allow_null=True, help_text=_RATIO)
    entered_url = serializers.CharField(help_text="those deals")
    passed_url = serializers.CharField()


class TrendOut(serializers.Serializer):
    """Revenue of one month of the fiscal year that holds the last day."""

    month = serializers.CharField()
    actual = serializers.CharField(allow_null=True, help_text="null in the future")
    earlier = serializers.CharField(allow_null=True, help_text="the same month of the year before")
    quota = serializers.CharField(allow_null=True)
    rows_url = serializers.CharField()


class PlaceOut(serializers.Serializer):
    """A person of the leaderboard; equals share a place, who has no quota has none."""

    place = serializers.IntegerField(allow_null=True)
    subject = SubjectOut()
    attainment = AttainmentOut()


class LineOut(serializers.Serializer):
    """A unit or person below the subject."""

    subject = SubjectOut()
    attainment = AttainmentOut()
    figures = TeamFigureOut(many=True)


class TeamPerformanceOut(serializers.Serializer):
    """How a unit or a person performs in a period."""

    subject = SubjectOut()
    period = PeriodOut()
    structure = serializers.CharField(help_text="as_was: units as they were on the day of each credit")
    currency = serializers.CharField()
    attainment = AttainmentOut()
    crowd = CrowdOut()
    figures = TeamFigureOut(many=True)
    funnel = StepOut(many=True)
    trend = TrendOut(many=True)
    leaderboard = PlaceOut(many=True)
    breakdown = LineOut(many=True)


class FunnelDealOut(serializers.ModelSerializer):
    """A deal behind a step of the funnel."""

    owner_name = serializers.CharField(source="owner.name")
    stage_name = serializers.CharField(source="stage.name")
    url = serializers.SerializerMethodField(help_text="the deal itself")

    class Meta:
        model = Opportunity
        fields = (
            "id", "name", "owner", "owner_name", "account", "stage", "stage_name", "state", "amount",
            "currency", "created_on", "closed_on", "url",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, deal: Opportunity) -> str:
        """Return the address of the deal."""
        return self.context["request"].build_absolute_uri(f"/api/v1/opportunities/{deal.pk}/")
