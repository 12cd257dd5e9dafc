"""Run the demo: embedded servers, data, web server, worker and beat. Called by the Makefile.

run    in the foreground until Ctrl-C
up     in the background
down   stop what ``up`` started
reset  throw the embedded data away
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from apps.core import embedded
from apps.core.embedded.processes import ServerFailed, alive, pid_in, wait_until

LOCAL = Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").absolute()
PID = LOCAL / "demo.pid"
LOG = LOCAL / "demo.log"
WELCOME = LOCAL / "welcome.txt"
MAIL = LOCAL / "mail"
BIND = os.environ.get("BIND") or "127.0.0.1"
PORT = int(os.environ.get("PORT") or 8000)
ADDRESS = f"http://localhost:{PORT}"
SERVERS = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
MARK = "bin/demo.py"
BACKGROUND = "DEMO_IN_BACKGROUND"


def say(step: str, text: str = "") -> None:
    """Print one line of progress."""
    print(f"  {step:<22} {text}".rstrip(), flush=True)


def environment() -> dict[str, str]:
    """Return the environment of every process of the demo."""
    place = embedded.place_of(LOCAL)
    return {
        **os.environ,
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "DJANGO_SETTINGS_MODULE": "salesorg.settings.base",
        "LOCAL_DIR": str(LOCAL),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or place.database_url,
        "REDIS_URL": os.environ.get("REDIS_URL") or place.redis_url,
        "SITE_URL": os.environ.get("SITE_URL") or ADDRESS,
        "EMAIL_URL": os.environ.get("EMAIL_URL") or f"file://{quote(str(MAIL))}",
        "BIND": BIND,
        "WEB_PORT": str(PORT),  # the runner below gives PORT a meaning of its own
        "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
        "PYTHONUNBUFFERED": "1",
    }


def run() -> int:
    """Start everything, say when it is ready, stop everything."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    if alive(pid_in(PID), MARK):
        print("The demo runs already. Stop it with Ctrl-C or `make down`.")
        return 1
    if _taken():
        print(f"Port {PORT} is taken. Choose another: PORT={PORT + 1} make demo")
        return 1
    PID.write_text(f"{os.getpid()}\n")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    try:
        return _serve(stopping)
    except (ServerFailed, PermissionError) as error:
        print(error)
        return 1
    finally:
        embedded.stop(LOCAL)
        PID.unlink(missing_ok=True)
        say("Stopped")


def _serve(stopping: threading.Event) -> int:
    ours = frozenset(name for name, variable in SERVERS.items() if not os.environ.get(variable))
    say(
        "Servers",
        "starting PostgreSQL and Redis" if ours == set(SERVERS) else f"starting {', '.join(ours) or 'none'}",
    )
    embedded.start(LOCAL, only=ours)
    setup = _start([sys.executable, "manage.py", "demo_setup", "--welcome", str(WELCOME)], stopping)
    if setup is None or setup.returncode:
        return 0 if stopping.is_set() else 1
    say("Processes", "starting web, worker and beat")
    honcho = [sys.executable, "-m", "honcho", "-f", "Procfile", "start"]
    processes = subprocess.Popen(honcho, cwd=ROOT, env=environment(), start_new_session=True)
    announced = False
    while processes.poll() is None and not stopping.is_set():
        if not announced and _ready():
            announced = True
            print(WELCOME.read_text().replace("{address}", ADDRESS), flush=True)
            if not os.environ.get("EMAIL_URL"):
                print(f"  Mail is not sent but kept in {MAIL}.", flush=True)
            if not os.environ.get(BACKGROUND):
                print("  Ctrl-C stops everything.", flush=True)
        stopping.wait(1 if announced else 0.25)
    if processes.poll() is not None:
        print("A process ended, so all were stopped.")
        return 1
    processes.send_signal(signal.SIGTERM)
    try:
        processes.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(processes.pid, signal.SIGKILL)
    return 0


def _start(command: list[str], stopping: threading.Event) -> "subprocess.Popen[bytes] | None":
    """Run one step to its end; Ctrl-C ends it too."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), start_new_session=True)
    while process.poll() is None:
        if stopping.wait(0.1):
            process.terminate()
            process.wait()
            return None
    return process


def _ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _taken() -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((BIND, PORT))
        except OSError:
            return True
    return False


def up() -> int:
    """Start in the background and return when the demo answers."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    if alive(pid_in(PID), MARK):
        print(f"The demo runs already: {ADDRESS}")
        return 0
    with LOG.open("wb") as log:
        command = [sys.executable, str(ROOT / MARK), "run"]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, BACKGROUND: "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    shown = 0
    while process.poll() is None and "Open " not in LOG.read_text(errors="replace"):
        shown = _show(shown)
        time.sleep(0.25)
    _show(shown)
    if process.poll() is not None:
        return 1
    print(f"  Running in the background: log in {LOG}, stop with `make down`.")
    return 0


def _show(start: int) -> int:
    text = LOG.read_text(errors="replace")
    sys.stdout.write(text[start:])
    sys.stdout.flush()
    return len(text)


def down() -> int:
    """Stop the demo, in whatever state it is."""
    pid = pid_in(PID)
    if pid and alive(pid, MARK):
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: not alive(pid, MARK), 60):
            print(f"Process {pid} does not stop.")
            return 1
    embedded.stop(LOCAL)
    say("Stopped")
    return 0


def reset() -> int:
    """Stop the demo and remove the embedded servers' data; a database of yours is left alone."""
    if down():
        return 1
    place = embedded.place_of(LOCAL)
    for folder in (place.pg, place.redis, LOCAL / "media", MAIL):
        shutil.rmtree(folder, ignore_errors=True)
    if os.environ.get("DATABASE_URL"):
        say("Note", "DATABASE_URL is yours and was not emptied.")
    say("Data", "thrown away")
    return 0


if __name__ == "__main__":
    sys.exit({"run": run, "up": up, "down": down, "reset": reset}[sys.argv[1]]())
