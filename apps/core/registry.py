"""How a lower room takes contributions (Registry) and answers (Port) from upper rooms."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Named entries that upper rooms add at start-up; duplicates and unknown keys are refused."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: dict[str, T] = {}

    def register(self, key: str, entry: T) -> T:
        """Add an entry. Raises ValueError when the key is taken by another entry."""
        if key in self._entries and self._entries[key] != entry:
            raise ValueError(f"{self._what} {key!r} is registered twice.")
        self._entries[key] = entry
        return entry

    def get(self, key: str) -> T:
        """Return the entry. Raises KeyError naming the known keys."""
        try:
            return self._entries[key]
        except KeyError:
            known = ", ".join(sorted(self._entries))
            raise KeyError(f"Unknown {self._what} {key!r}; known: {known}") from None

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def values(self) -> list[T]:
        """Return the entries in the order of registration."""
        return list(self._entries.values())

    def items(self) -> list[tuple[str, T]]:
        """Return key and entry pairs in the order of registration."""
        return list(self._entries.items())


class Port(Generic[T]):
    """A question a lower room asks and one upper room answers."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._answer: T | None = None

    def install(self, answer: T) -> None:
        """Install the answer. Raises ValueError on a second one."""
        if self._answer is not None and self._answer is not answer:
            raise ValueError(f"The port {self._what!r} already has an answer.")
        self._answer = answer

    @property
    def answer(self) -> T:
        """Return the installed answer. Raises LookupError when nothing is installed."""
        if self._answer is None:
            raise LookupError(f"Nothing is installed at the port {self._what!r}.")
        return self._answer
