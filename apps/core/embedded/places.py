"""Where the private servers keep their data and their sockets."""

import functools
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

# A Unix socket path holds 107 bytes; PostgreSQL adds "/.s.PGSQL.5432" and a lock suffix.
LONGEST_FOLDER = 85
DATABASE = "salesorg"
PORT = 5432


@dataclass(frozen=True)
class Place:
    """The folders of one pair of servers, and the user they run as when it is not the caller."""

    home: Path
    run_as: int | None = None

    @property
    def pg(self) -> Path:
        """Return the folder with PostgreSQL's socket; its data lie in ``data`` below it."""
        return self.home / "pg"

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data folder."""
        return self.pg / "data"

    @property
    def redis(self) -> Path:
        """Return the folder with Redis' socket and data."""
        return self.home / "redis"

    @property
    def redis_socket(self) -> Path:
        """Return the path of Redis' socket."""
        return self.redis / "redis.sock"

    @property
    def database_url(self) -> str:
        """Return the address of the application's database."""
        return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(self.pg))}"

    @property
    def redis_url(self) -> str:
        """Return the address of Redis."""
        return f"unix://{quote(str(self.redis_socket))}?db=0"


@functools.cache
def place_of(local_dir: Path) -> Place:
    """Return where the servers of this folder live; the same answer in every process.

    Usually the folder itself. A folder with a path too long for a socket, or one
    the fallback user cannot reach, is replaced by a private one in the system's
    temporary folder.
    """
    home = local_dir.absolute()
    run_as = _fallback_user()
    if len(os.fsencode(home / "redis")) > LONGEST_FOLDER or (run_as and not _open_to_others(home)):
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        home = Path(tempfile.gettempdir()) / f"salesorg-{os.getuid()}-{digest}"
    return Place(home, run_as)


def prepare(folder: Path, run_as: int | None) -> None:
    """Create a folder that only its owner may enter. Raises PermissionError when it is somebody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.lstat()
    if not stat.S_ISDIR(owner.st_mode) or owner.st_uid not in {os.getuid(), run_as}:
        raise PermissionError(f"{folder} belongs to somebody else. Remove it or set LOCAL_DIR.")
    if run_as is not None and owner.st_uid != run_as:
        os.chown(folder, run_as, -1)
    folder.chmod(0o700)


@functools.cache
def can_unshare() -> bool:
    """Tell whether a user namespace can be opened, in which root is not root for PostgreSQL."""
    program = shutil.which("unshare")
    if program is None:
        return False
    done = subprocess.run([program, "--user", "true"], capture_output=True, check=False)  # noqa: S603  # fixed command
    return done.returncode == 0


def _fallback_user() -> int | None:
    """PostgreSQL refuses root: without user namespaces it runs as ``nobody``."""
    if os.geteuid() != 0 or can_unshare():
        return None
    return pwd.getpwnam("nobody").pw_uid


def _open_to_others(folder: Path) -> bool:
    parents = [parent for parent in [folder, *folder.parents] if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in parents)
