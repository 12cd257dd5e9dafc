"""Reads of training."""

from apps.training.selectors.pages import (
    SessionCard,
    SkillMap,
    catalogue,
    expiring,
    learning_of,
    sessions_of,
    skill_map,
)
from apps.training.selectors.skills import Profile, SkillGap, held_levels, profile, profiles

__all__ = [
    "Profile",
    "SessionCard",
    "SkillGap",
    "SkillMap",
    "catalogue",
    "expiring",
    "held_levels",
    "learning_of",
    "profile",
    "profiles",
    "sessions_of",
    "skill_map",
]
