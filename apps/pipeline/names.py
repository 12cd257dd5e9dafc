"""Names that read in every reader's language: stages and reasons the product itself proposes."""

from apps.core.names import propose
from apps.pipeline.proposal import LOST, REASONS, STAGES, WON


def register_all() -> None:
    """Let the proposed stages and reasons be translated."""
    propose(WON, LOST)
    propose(*(name for _code, name, _probability, _gates in STAGES))
    propose(*(name for _kind, _code, name, _counts in REASONS))
