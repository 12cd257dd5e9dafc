"""Both servers at once, for several processes at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.core.embedded import postgres, valkey
from apps.core.embedded.places import Place, place_of, prepare

BOTH = frozenset({"postgres", "redis"})


def start(local_dir: Path, *, only: frozenset[str] = BOTH, throw_away: bool = False) -> Place:
    """Start the servers of this folder that do not run yet and return where they are."""
    place = place_of(local_dir)
    with _alone(place):
        if "postgres" in only:
            postgres.start(place, throw_away=throw_away)
        if "redis" in only:
            valkey.start(place, throw_away=throw_away)
    return place


def stop(local_dir: Path) -> None:
    """Stop the servers of this folder; those that do not run are left alone."""
    place = place_of(local_dir)
    if not place.home.exists():
        return
    with _alone(place):
        valkey.stop(place)
        postgres.stop(place)


def running(local_dir: Path) -> dict[str, bool]:
    """Tell which servers of this folder run."""
    place = place_of(local_dir)
    return {"postgres": postgres.running(place), "redis": valkey.running(place)}


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    prepare(place.home, None)
    if place.run_as is not None:
        place.home.chmod(0o711)  # the servers' user must pass through
    with (place.home / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
