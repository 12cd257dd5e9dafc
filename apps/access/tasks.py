"""Sending of the mails about accounts: tried for about a day when the mail server is away."""

import functools

from apps.access import mails
from apps.events.outbox import job_task

mail_task = functools.partial(job_task, max_attempts=30, first_delay=60, longest_delay=3600)


@mail_task(name=mails.INVITATION)
def send_invitation(*, user_id: int, **_newer_arguments: object) -> None:
    """Mail an invitation."""
    mails.send_invitation(user_id)


@mail_task(name=mails.PASSWORD_LINK)
def send_password_link(*, user_id: int, **_newer_arguments: object) -> None:
    """Mail the link to choose a new password."""
    mails.send_password_link(user_id)


@mail_task(name=mails.EMAIL_CHANGED)
def tell_email_changed(*, user_id: int, address: str, **_newer_arguments: object) -> None:
    """Warn the address that was given up."""
    mails.tell_email_changed(user_id, address)
