"""Telling repeated ids of a file of any length in little memory."""

from array import array

_FIRST_SIZE = 1 << 10


class SeenIds:
    """Remembers texts by their 64-bit fingerprints, in 16 to 32 bytes each; a set takes some 170.

    Two different texts are taken for one with a chance of n² / 2⁶⁵: one in fifty million for the ids
    of a million rows.
    """

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 * _FIRST_SIZE))
        self._count = 0

    def add(self, text: str) -> bool:
        """Remember a text and tell whether it is new."""
        if not self._put(hash(text) or 1):
            return False
        self._count += 1
        if self._count * 2 > len(self._slots):
            self._grow()
        return True

    def _put(self, mark: int) -> bool:
        slots, mask = self._slots, len(self._slots) - 1
        place = mark & mask
        while found := slots[place]:
            if found == mark:
                return False
            place = (place + 1) & mask
        slots[place] = mark
        return True

    def _grow(self) -> None:
        marks = self._slots
        self._slots = array("q", bytes(16 * len(marks)))
        for mark in marks:
            if mark:
                self._put(mark)
