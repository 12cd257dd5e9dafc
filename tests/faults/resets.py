"""A door before a server, through which every connection can be reset at once."""

import socket
import struct
import threading
from collections.abc import Callable

_AT_ONCE = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST and drops what was not sent


class Door:
    """Listens on a port of this machine and hands every connection on, until they are all reset."""

    def __init__(self, beyond: Callable[[], socket.socket]) -> None:
        self._beyond = beyond
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port to knock at."""
        return int(self._listener.getsockname()[1])

    def reset(self) -> int:
        """Reset every connection in both directions; return how many there were."""
        with self._lock:
            ends = list(self._open)
        for end in ends:
            self._drop(end)
        return len(ends) // 2

    def close(self) -> None:
        """Listen no more and reset what is left."""
        self._listener.close()
        self.reset()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            try:
                far = self._beyond()
            except OSError:  # the server is away, as whoever knocks shall learn
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._hand_on, args=(one, other), daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(1 << 16):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (one, other):
                self._drop(end)
            return
        with self._lock:  # the other direction may still speak; whoever ends last closes both
            is_last = one not in self._open or other not in self._open
            self._open.discard(one)
        if is_last:
            for end in (one, other):
                end.close()

    def _drop(self, end: socket.socket) -> None:
        with self._lock:
            self._open.discard(end)
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()


def to_port(port: int) -> Callable[[], socket.socket]:
    """Return how to reach a server at a port of this machine."""
    return lambda: socket.create_connection(("127.0.0.1", port))


def to_file(path: str) -> Callable[[], socket.socket]:
    """Return how to reach a server that listens at a file."""

    def reach() -> socket.socket:
        end = socket.socket(socket.AF_UNIX)
        end.connect(path)
        return end

    return reach
