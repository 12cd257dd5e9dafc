"""Strategies in the administration: to look at. Everything is written on the pages."""

from django.contrib import admin
from django.http import HttpRequest

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.strategy.models import (
    Decision,
    Deviation,
    Initiative,
    Objective,
    Participant,
    ProgressNote,
    Reminder,
    ReviewCadence,
    Strategy,
    StrategyReview,
)


class _Seen(RoomAdmin):
    """What whoever sees strategies may look at; rows follow ``visible_to``."""

    view_permission = Permission.STRATEGY_VIEW


class ObjectiveInline(RoomInline):
    """The objectives of a strategy."""

    model = Objective
    view_permission = Permission.STRATEGY_VIEW


class ParticipantInline(RoomInline):
    """Who takes part."""

    model = Participant
    view_permission = Permission.STRATEGY_VIEW


@admin.register(Strategy)
class StrategyAdmin(_Seen):
    """Strategies."""

    list_display = ("title", "unit", "owner", "state", "valid", "activated_at")
    list_filter = ("state",)
    list_select_related = ("unit", "owner")
    search_fields = ("title", "purpose")
    inlines = (ObjectiveInline, ParticipantInline)


@admin.register(Objective)
class ObjectiveAdmin(_Seen):
    """Objectives."""

    list_display = ("title", "strategy", "owner", "weight", "measure", "period")
    list_select_related = ("strategy", "owner", "period")
    search_fields = ("title", "strategy__title")


@admin.register(Initiative)
class InitiativeAdmin(_Seen):
    """Initiatives."""

    list_display = ("title", "strategy", "owner", "due_on", "status")
    list_filter = ("status",)
    list_select_related = ("strategy", "owner")
    search_fields = ("title",)


@admin.register(Participant)
class ParticipantAdmin(_Seen):
    """Participants."""

    list_display = ("strategy", "person")
    list_select_related = ("strategy", "person")


@admin.register(ProgressNote)
class ProgressNoteAdmin(_Seen):
    """The progress log."""

    list_display = ("strategy", "objective", "outlook", "written_by", "written_at")
    list_filter = ("outlook",)
    list_select_related = ("strategy", "objective", "written_by")


@admin.register(ReviewCadence)
class ReviewCadenceAdmin(_Seen):
    """Review cadences."""

    list_display = ("strategy", "rhythm", "every", "first_on")
    list_select_related = ("strategy",)


@admin.register(StrategyReview)
class StrategyReviewAdmin(_Seen):
    """Reviews. The data pack holds figures for everybody and is read on the page, where they are filtered."""

    list_display = ("strategy", "due_on", "state", "held_on", "held_by")
    list_filter = ("state",)
    list_select_related = ("strategy", "held_by")

    def hidden_fields(self, request: HttpRequest) -> frozenset[str]:
        """Leave the figures out."""
        return frozenset({"pack"})


@admin.register(Decision)
class DecisionAdmin(_Seen):
    """Decisions."""

    list_display = ("text", "strategy", "owner", "due_on", "adjusts", "done_on")
    list_filter = ("adjusts",)
    list_select_related = ("strategy", "owner")
    search_fields = ("text",)


@admin.register(Reminder)
class ReminderAdmin(_Seen):
    """Who was reminded of what."""

    list_display = ("review", "decision", "person", "stage", "is_escalation", "raised_on", "told_at")
    list_filter = ("stage", "is_escalation")
    list_select_related = ("review", "decision", "person")


@admin.register(Deviation)
class DeviationAdmin(RoomAdmin):
    """Objectives that fell behind; the pace is a figure and is read on the page."""

    view_permission = Permission.STRATEGY_EDIT
    list_display = ("objective", "month", "seen_on", "told_at")
    list_select_related = ("objective", "month")

    def hidden_fields(self, request: HttpRequest) -> frozenset[str]:
        """Leave the figure out."""
        return frozenset({"pace"})
