"""The closed lists of the organisation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    """What sort of unit a node of the structure is."""

    COMPANY = "company", _("Company")
    REGION = "region", _("Region")
    BRANCH = "branch", _("Branch")
    DEPARTMENT = "department", _("Department")
    TEAM = "team", _("Team")
    VIRTUAL = "virtual", _("Virtual team")


class LineType(models.TextChoices):
    """A direct line approves; a dotted one only reads."""

    DIRECT = "direct", _("Direct line")
    DOTTED = "dotted", _("Dotted line")


class AbsenceKind(models.TextChoices):
    """Why somebody is absent."""

    ANNUAL = "annual", _("Annual leave")
    SICK = "sick", _("Sick leave")
    PARENTAL = "parental", _("Parental leave")
    UNPAID = "unpaid", _("Unpaid leave")
    OTHER = "other", _("Other leave")


class RequestState(models.TextChoices):
    """What became of a request for a role."""

    WAITING = "waiting", _("Waits for a second administrator")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
