"""Settings of the demo company that browsers visit in tests: the product's, with static files of its own."""

from salesorg.settings.base import *  # noqa: F403  # the settings under test
from salesorg.settings.base import LOCAL_DIR

STATIC_ROOT = LOCAL_DIR / "static"
