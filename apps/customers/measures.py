"""What customers add to the catalogue of numbers."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.models import User
from apps.customers.models import Account, SatisfactionResponse
from apps.customers.selectors import account_names
from apps.customers.services.satisfaction import SOURCE
from apps.measures.registry import Measure, SourceLink, register, register_dimension, register_source

MEASURES = (
    Measure(
        code="csat_positive",
        name=gettext_lazy("Satisfied answers"),
        kind="count",
        formula=gettext_lazy("Answers of 4 or 5 on the scale of 1 to 5."),
        is_target_worthy=False,
    ),
    Measure(
        code="csat_responses",
        name=gettext_lazy("Satisfaction answers"),
        kind="count",
        formula=gettext_lazy("Answers to the satisfaction question."),
    ),
    Measure(
        code="satisfaction",
        name=gettext_lazy("Customer satisfaction"),
        kind="ratio",
        source="ratio",
        numerator="csat_positive",
        denominator="csat_responses",
        decimals=4,
        is_proportion=True,
        formula=gettext_lazy("Share of answers of 4 or 5 among all answers."),
    ),
)


def register_all() -> None:
    """Put satisfaction and the names of accounts where figures are explained."""
    for measure in MEASURES:
        register(measure)
    register_dimension("account", account_names)
    register_source(SOURCE, _links)


def _links(ids: Sequence[int], reader: User) -> Mapping[int, SourceLink]:
    rows = SatisfactionResponse.objects.filter(pk__in=ids).select_related("account").order_by("pk")
    visible = Account.objects.visible_to(reader).filter(pk__in={row.account_id for row in rows})
    open_to = set(visible.values_list("pk", flat=True))
    return {
        row.pk: SourceLink(
            _("%(account)s: %(score)s of 5") % {"account": row.account.name, "score": row.score},
            reverse("customers:account", args=[row.account_id]) if row.account_id in open_to else "",
        )
        for row in rows
    }
