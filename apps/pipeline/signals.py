"""Facts the pipeline announces, inside the transaction, with ids only."""

from django.dispatch import Signal

deal_won = Signal()  # opportunity_id, closed_on
deal_lost = Signal()  # opportunity_id, closed_on
deal_reopened = Signal()  # opportunity_id, reopened_on
