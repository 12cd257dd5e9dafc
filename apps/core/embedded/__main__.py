"""``python -m apps.core.embedded start|stop|status|env``"""

import argparse
import os
import sys
from pathlib import Path
from typing import TextIO

from apps.core.embedded import place_of, running, start, stop
from apps.core.embedded.processes import ServerFailed


def main() -> int:
    """Run one command; a server whose address the environment gives is not ours to start."""
    parser = argparse.ArgumentParser(prog="python -m apps.core.embedded", description=__doc__)
    parser.add_argument("command", choices=["start", "stop", "status", "env"])
    parser.add_argument("--throw-away", action="store_true", help="faster, for data that may be lost")
    options = parser.parse_args()
    local_dir = Path(os.environ.get("LOCAL_DIR") or ".local")
    ours = frozenset(name for name, variable in _VARIABLES.items() if not os.environ.get(variable))
    try:
        return _run(options.command, local_dir, ours, throw_away=options.throw_away)
    except (ServerFailed, PermissionError) as error:
        _say(str(error), sys.stderr)
        return 1


def _run(command: str, local_dir: Path, ours: frozenset[str], *, throw_away: bool) -> int:
    if command == "start":
        start(local_dir, only=ours, throw_away=throw_away)
    elif command == "stop":
        stop(local_dir)
    elif command == "env":
        place = place_of(local_dir)
        _say(f"export DATABASE_URL='{os.environ.get('DATABASE_URL') or place.database_url}'")
        _say(f"export REDIS_URL='{os.environ.get('REDIS_URL') or place.redis_url}'")
    else:
        state = running(local_dir)
        for name in sorted(ours):
            _say(f"{name}: {'running' if state[name] else 'stopped'}")
        return 0 if all(state[name] for name in ours) else 3
    return 0


def _say(text: str, stream: TextIO = sys.stdout) -> None:
    stream.write(text + "\n")


_VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}

if __name__ == "__main__":
    sys.exit(main())
