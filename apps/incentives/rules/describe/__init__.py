"""A plan's parts and a line's steps as sentences a person reads, in the reader's language."""

from apps.incentives.rules.describe.components import component_sentences
from apps.incentives.rules.describe.steps import step_sentence
from apps.incentives.rules.describe.telling import Telling, base_of
from apps.incentives.rules.describe.whole import plan_sentences

__all__ = ["Telling", "base_of", "component_sentences", "plan_sentences", "step_sentence"]
