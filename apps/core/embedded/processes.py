"""Start, find and stop a server process that outlives its starter."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from apps.core.embedded.places import Place, can_unshare

PATIENCE = 60.0
_DEAD = frozenset("ZX")


class ServerFailed(RuntimeError):
    """An embedded server did not come up or go down in time."""


def launch(place: Place, command: Sequence[str | Path], log: Path) -> int:
    """Start a detached process that survives Ctrl-C of its starter; return its id."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  # our own binaries and paths
            as_server(place, command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
            user=place.run_as,
            umask=0o077,
        )
    return process.pid


def as_server(place: Place, command: Sequence[str | Path]) -> list[str]:
    """Return the command so that PostgreSQL, which refuses root, will run."""
    words = [str(word) for word in command]
    if os.geteuid() == 0 and place.run_as is None and can_unshare():
        return [shutil.which("unshare") or "unshare", "--user", *words]
    return words


def alive(pid: int | None, mark: str) -> bool:
    """Tell whether the process runs and is ours: its command line holds ``mark``."""
    if not pid:
        return False
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # reap it when it is our own dead child
    if not Path("/proc/self").exists():
        return _signalable(pid)
    state, words = _seen(pid)
    return state not in _DEAD and mark in words


def dying(pid: int | None) -> bool:
    """Tell whether the process has given its memory back (it has no words any more) but is still there."""
    if not pid or not Path("/proc/self").exists():
        return False
    state, words = _seen(pid)
    return state not in _DEAD and not words


def pid_in(path: Path) -> int | None:
    """Return the process id in the first line of a pid file, or None."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def end(pid: int, mark: str, gently: signal.Signals, firmly: signal.Signals) -> None:
    """Stop the process: ask first, insist after 20 seconds."""
    os.kill(pid, gently)
    if not wait_until(lambda: not alive(pid, mark), 20):
        os.kill(pid, firmly)
        if not wait_until(lambda: not alive(pid, mark), 20):
            raise ServerFailed(f"Process {pid} does not stop.")


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Return True as soon as the condition holds, False when the time is up."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def tail(log: Path, lines: int = 15) -> str:
    """Return the end of a log, for a message somebody can act on."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _seen(pid: int) -> tuple[str, str]:
    """Return the state letter of a process, "X" when there is none, and its command line."""
    folder = Path("/proc") / str(pid)
    try:
        state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        return state, (folder / "cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "X", ""


def _signalable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
