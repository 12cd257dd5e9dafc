"""Stored codes of customers and their labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BuyingRole(models.TextChoices):
    """What a contact is in the buying committee."""

    UNKNOWN = "", _("Not known")
    DECIDER = "decider", _("Decision maker")
    SPONSOR = "sponsor", _("Sponsor")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    BUYER = "buyer", _("Purchasing")
    BLOCKER = "blocker", _("Opponent")


class SurveyChannel(models.TextChoices):
    """How an answer reached us."""

    SURVEY = "survey", _("Survey")
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    IMPORT = "import", _("Import")
