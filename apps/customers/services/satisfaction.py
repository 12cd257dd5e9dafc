"""Recording how satisfied customers are, with credit to whoever looks after them."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.customers import rules
from apps.customers.enums import SurveyChannel
from apps.customers.models import Account, Contact, SatisfactionResponse
from apps.measures import services as ledger

SOURCE = "customers.satisfactionresponse"


class InvalidAnswer(DomainError):
    """The score, the date or the contact does not fit."""


class AlreadyWithdrawn(DomainError):
    """The answer has been withdrawn before."""


@requires_transaction
def record_satisfaction(
    *,
    account_id: int,
    score: int,
    responded_on: dt.date,
    today: dt.date,
    contact_id: int | None = None,
    person_id: int | None = None,
    channel: str = SurveyChannel.SURVEY,
    comment: str = "",
    external_id: str = "",
) -> SatisfactionResponse:
    """Record one answer and credit it to ``person_id``, by default the account's owner, as of its date.

    Raises InvalidAnswer for a score outside 1 to 5, a date in the future or a
    contact of another account; ClosedPeriod when the date lies in a closed period.
    """
    account = Account.objects.get(pk=account_id)
    _check(score=score, responded_on=responded_on, today=today, account_id=account_id, contact_id=contact_id)
    response = SatisfactionResponse.objects.create(
        account=account,
        contact_id=contact_id,
        person_id=person_id or account.owner_id,
        score=score,
        responded_on=responded_on,
        channel=channel,
        comment=comment.strip(),
        external_id=external_id,
    )
    ledger.post(_entries(response))
    return response


@requires_transaction
def withdraw_satisfaction(*, response_id: int, reason: str, on: dt.date) -> SatisfactionResponse:
    """Withdraw an answer recorded in error and reverse its credit, booked on ``on``.

    Raises AlreadyWithdrawn, or InvalidAnswer without a reason.
    """
    [response] = lock_rows(SatisfactionResponse.objects.filter(pk=response_id))
    if response.withdrawn_on is not None:
        raise AlreadyWithdrawn(_("This answer has been withdrawn already."))
    if not reason.strip():
        raise InvalidAnswer(_("Say why the answer is withdrawn."), fields={"reason": _("Enter a reason.")})
    response.withdrawn_on, response.withdrawn_reason = on, reason.strip()[:200]
    response.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    ledger.reverse(source_type=SOURCE, source_id=response.pk, booked_on=on, reason=response.withdrawn_reason)
    return response


def _check(
    *, score: int, responded_on: dt.date, today: dt.date, account_id: int, contact_id: int | None
) -> None:
    if not rules.LOWEST_SCORE <= score <= rules.HIGHEST_SCORE:
        text = _("The score must be a whole number from 1 to 5.")
        raise InvalidAnswer(text, fields={"score": text})
    if responded_on > today:
        text = _("The answer cannot lie in the future.")
        raise InvalidAnswer(text, fields={"responded_on": text})
    if contact_id and not Contact.objects.filter(pk=contact_id, account_id=account_id).exists():
        text = _("Choose a contact of this account.")
        raise InvalidAnswer(text, fields={"contact": text})


def _entries(response: SatisfactionResponse) -> list[ledger.Entry]:
    values = {"csat_responses": Decimal(1), "csat_positive": Decimal(int(rules.is_positive(response.score)))}
    return [
        ledger.Entry(
            measure=measure,
            key=f"csat:{response.pk}:{measure}",
            credited_on=response.responded_on,
            value=value,
            person_id=response.person_id,
            account_id=response.account_id,
            source_type=SOURCE,
            source_id=response.pk,
        )
        for measure, value in values.items()
        if value
    ]
