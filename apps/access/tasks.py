"""Sending of the mails about accounts: tried for about a day when the mail server is away."""

from apps.access import mails
from apps.events.outbox import job_task

_TRIES = {"max_attempts": 30, "first_delay": 60, "longest_delay": 3600}


@job_task(name=mails.INVITATION, **_TRIES)
def send_invitation(*, user_id: int, **_newer_arguments: object) -> None:
    """Mail an invitation."""
    mails.send_invitation(user_id)


@job_task(name=mails.PASSWORD_LINK, **_TRIES)
def send_password_link(*, user_id: int, **_newer_arguments: object) -> None:
    """Mail the link to choose a new password."""
    mails.send_password_link(user_id)


@job_task(name=mails.EMAIL_CHANGED, **_TRIES)
def tell_email_changed(*, user_id: int, address: str, **_newer_arguments: object) -> None:
    """Warn the address that was given up."""
    mails.tell_email_changed(user_id, address)
