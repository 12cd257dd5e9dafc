"""Why a payee could not be paid, and what to do, in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext as _


def sentence(reason: str, details: Mapping[str, str], names: Mapping[str, str] | None = None) -> str:
    """Return the sentence for a stable reason code."""
    told = dict(details)
    if "measure" in told:
        told["measure"] = (names or {}).get(told["measure"], told["measure"])
    written = {
        "no_quota": _(
            "There is no target for %(measure)s in this period. Approve one, then calculate again."
        ),
        "no_target": _("%(component)s needs a yearly target amount. State one for this payee."),
        "no_grade": _("The objective %(objective)s has no approved grade yet."),
        "no_rate": _("There is no %(kind)s rate from %(source)s to %(target)s for %(on)s. Enter it."),
        "no_company_rate": _(
            "There is no exchange rate for %(currency)s on %(on)s. "
            "Enter one from that day or earlier under Exchange rates, then calculate again."
        ),
        "no_exchange": _("A credit is in %(currency)s. The plan must say at which rate it counts."),
        "no_sold_on": _("The transaction %(transaction)s does not say when it was sold."),
        "no_date": _("The credit %(credit)s has no date."),
        "no_pool_measure": _("The team's figure for %(measure)s is missing for the pool %(component)s."),
        "no_pool_weights": _("Nobody has a weight in the pool %(component)s."),
        "unknown_sale": _("The credit %(credit)s takes back %(reverses)s, which is not known here."),
    }.get(reason)
    return written % told if written else _("An input is missing.")
