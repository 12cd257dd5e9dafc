"""Facts this room announces."""

from django.dispatch import Signal

# Sent with what ("job" or "delivery"), name, key and id when work was tried too often and needs a person.
work_given_up = Signal()
