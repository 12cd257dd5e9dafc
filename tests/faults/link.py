"""A wire between the product and PostgreSQL that can be cut while a COMMIT is under way."""

import socket
import struct
import tempfile
import threading
from pathlib import Path

from apps.core.embedded.places import DATABASE, PORT, Place

SOCKET = f".s.PGSQL.{PORT}"
QUERY, READY = b"Q", b"Z"


class Link:
    """Listens like PostgreSQL and hands everything on, until it is told where to cut.

    ``cut_at("UPDATE …")`` ends the connection at the COMMIT of the next transaction that
    holds such a statement, or at the statement when it is a transaction by itself: with
    ``committed`` after PostgreSQL has committed and before the client hears of it, without
    before PostgreSQL hears of it. The client cannot tell which.
    """

    def __init__(self, place: Place) -> None:
        self._server = str(place.pg / SOCKET)
        self._folder = tempfile.TemporaryDirectory()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(Path(self._folder.name) / SOCKET))
        self._listener.listen(50)
        self._plan: tuple[bytes, bool] | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def database_url(self) -> str:
        """Return the address of the database at this end of the wire."""
        return f"postgresql://{DATABASE}@/{DATABASE}?host={self._folder.name}"

    @property
    def was_cut(self) -> bool:
        """Tell whether the cut that was asked for has been made."""
        return self._plan is None

    def cut_at(self, statement: str, *, committed: bool) -> None:
        """Cut the next transaction that holds a statement with such a beginning, once."""
        self._plan = (statement.encode(), committed)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
            except OSError:
                return
            _Wire(self, client, server)

    def take(self, statement: bytes) -> bytes | None:
        """Return the statement to cut at if this is such a one."""
        return self._plan[0] if self._plan and statement.startswith(self._plan[0]) else None

    def settle(self, found: bytes | None) -> bool | None:
        """Return at a COMMIT whether to cut after it (True) or before it (False); None is not at all."""
        if self._plan is None or found != self._plan[0]:
            return None
        committed = self._plan[1]
        self._plan = None
        return committed


class _Wire:
    """One connection: two threads that hand on what comes from either end."""

    def __init__(self, link: Link, client: socket.socket, server: socket.socket) -> None:
        self._link, self._client, self._server = link, client, server
        self._deaf = False
        for work in (self._up, self._down):
            threading.Thread(target=self._until_gone, args=(work,), daemon=True).start()

    def _until_gone(self, work: object) -> None:
        try:
            work()  # type: ignore[operator]  # one of the two below
        except OSError:
            pass
        finally:
            self._end()

    def _end(self) -> None:
        for end in (self._client, self._server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                end.close()

    def _up(self) -> None:
        """Hand on what the client says, message by message."""
        (size,) = struct.unpack("!i", head := self._read(4))
        self._server.sendall(head + self._read(size - 4))
        begun, found = False, None
        while True:
            head = self._read(5)
            (size,) = struct.unpack("!i", head[1:])
            body = self._read(size - 4)
            if head[:1] == QUERY:
                statement = body.rstrip(b"\0").strip()
                begun, found = self._seen(statement, begun, found)
                ends = statement == b"COMMIT" or not begun
                cut = self._link.settle(found) if ends else None
                if cut is False:
                    return
                self._deaf = cut is True
            self._server.sendall(head + body)

    def _seen(self, statement: bytes, begun: bool, found: bytes | None) -> tuple[bool, bytes | None]:
        """Return whether a transaction has begun, and the statement in it to cut at."""
        if statement.startswith(b"BEGIN"):
            return True, None
        if statement == b"ROLLBACK":
            return False, None
        return begun and statement != b"COMMIT", self._link.take(statement) or (found if begun else None)

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._client.recv(size)
            if not part:
                raise OSError("the client is gone")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _down(self) -> None:
        """Hand on what the server says; deaf, wait until it has answered and hang up."""
        while data := self._server.recv(1 << 16):
            if not self._deaf:
                self._client.sendall(data)
            elif data[-6:-5] == READY:
                return
