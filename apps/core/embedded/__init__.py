"""A private PostgreSQL and a private Redis (Valkey) from Python wheels, for the demo and the tests.

Nothing is installed on the system and no port is opened: both listen on Unix
sockets in a directory only this user can enter. Nothing here imports Django,
so the settings can ask where the servers are.
"""

from apps.core.embedded.places import Place, place_of
from apps.core.embedded.servers import running, start, stop

__all__ = ["Place", "place_of", "running", "start", "stop"]
