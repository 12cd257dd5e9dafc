"""Whether a plan can be kept and paid in the currencies it names: known, held to the cent, with rates."""

import datetime as dt
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from apps.core.money import minor_units
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.problems import PlanInvalid, Problem

Problems = Iterator[Problem]
MOST_PLACES = 2  # what amounts of pay are kept to


def check_currencies(
    plan: PlanDocument, company: str, missing: Mapping[str, dt.date], approved_in: str = ""
) -> None:
    """Refuse what could not be paid. Raises PlanInvalid.

    ``missing`` are currencies without an exchange rate, each with the day it is missing on;
    ``approved_in`` is the currency of the plan's approved versions.
    """
    problems = [*_exchange(plan, company), *_known(plan, missing), *_kept(plan, approved_in)]
    if problems:
        raise PlanInvalid(problems)


def _exchange(plan: PlanDocument, company: str) -> Problems:
    if plan.currency != company and plan.exchange is None:
        fix = _("Figures are kept in %(company)s. Say at which rate they count in %(currency)s.")
        yield Problem("exchange", fix % {"company": company, "currency": plan.currency})
    elif plan.currency == company and plan.exchange and plan.exchange.transactions != "transaction_date":
        fix = _(
            "The ledger keeps every deal in %(company)s at the rate of the day it closed. "
            "State transaction_date, or keep the plan in another currency."
        )
        yield Problem("exchange.transactions", fix % {"company": company})


def _places(plan: PlanDocument) -> Iterator[tuple[str, str]]:
    yield plan.currency, "currency"
    if plan.exchange is not None and plan.exchange.payout is not None:
        yield plan.exchange.payout, "exchange.payout"


def _known(plan: PlanDocument, missing: Mapping[str, dt.date]) -> Problems:
    for currency, place in _places(plan):
        if minor_units(currency) > MOST_PLACES:
            fix = _("Pay is kept to two decimals, and %(currency)s has more. Choose another currency.")
            yield Problem(place, fix % {"currency": currency})
        elif currency in missing:
            fix = _("There is no exchange rate for %(currency)s on %(day)s. Enter it under Exchange rates.")
            yield Problem(place, fix % {"currency": currency, "day": missing[currency].isoformat()})


def _kept(plan: PlanDocument, approved_in: str) -> Problems:
    if approved_in and plan.currency != approved_in:
        fix = _(
            "This plan was approved in %(before)s, and what it has paid is carried on in it. "
            "Make another plan for %(now)s."
        )
        yield Problem("currency", fix % {"before": approved_in, "now": plan.currency})
