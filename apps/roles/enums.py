"""The closed lists of roles."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.TextChoices):
    """The part a role plays in a step: RACI."""

    RESPONSIBLE = "R", _("Responsible: does it")
    ACCOUNTABLE = "A", _("Accountable: answers for it")
    CONSULTED = "C", _("Consulted: is asked before")
    INFORMED = "I", _("Informed: is told after")


class Phase(models.TextChoices):
    """The parts of the selling process."""

    FIND = "find", _("Find leads")
    FOLLOW = "follow", _("Follow opportunities")
    KEEP = "keep", _("Keep customers")
    MANAGE = "manage", _("Steer the team")


class Level(models.IntegerChoices):
    """How well a skill is mastered."""

    AWARE = 1, _("1 · Knows of it")
    BASIC = 2, _("2 · Does it with help")
    INDEPENDENT = 3, _("3 · Does it alone")
    ADVANCED = 4, _("4 · Does it in hard cases")
    EXPERT = 5, _("5 · Teaches it")
