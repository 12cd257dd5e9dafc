"""The closed lists of training."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Format(models.TextChoices):
    """How a course is given."""

    CLASSROOM = "classroom", _("In a room")
    ONLINE = "online", _("Online, live")
    SELF_PACED = "self_paced", _("Self-paced")
    FIELD = "field", _("In the field")


class SessionState(models.TextChoices):
    """Whether a session takes place."""

    PLANNED = "planned", _("Planned")
    CANCELLED = "cancelled", _("Cancelled")


class EnrolmentState(models.TextChoices):
    """Where somebody stands with a session."""

    ENROLLED = "enrolled", _("Enrolled")
    WAITING = "waiting", _("On the waiting list")
    ATTENDED = "attended", _("Attended")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Did not come")
    WITHDRAWN = "withdrawn", _("Withdrawn")
