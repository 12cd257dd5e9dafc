"""How much memory processes take together at their worst, looked at from outside while they work."""

import json
import select
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

EVERY = 0.1  # seconds; what is taken and given back between two looks is not seen


class Watch:
    """A process of its own that looks at others until the block ends; looking costs them nothing."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._command = [sys.executable, __file__, *map(str, pids)]
        self.found: dict[str, Any] = {}

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(self, *_error: object) -> None:
        told, _errors = self._process.communicate("stop\n")
        self.found = json.loads(told)


def kilobytes(pid: int) -> tuple[int, int]:
    """Return what a process holds: with a shared page divided among those who share it, and counted whole."""
    found = {"Pss": 0, "Rss": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _colon, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0])
    return found["Pss"], found["Rss"]


def _look(pids: list[int]) -> dict[str, Any]:
    together, parts = 0, [0] * len(pids)
    alone = [0] * len(pids)
    while not select.select([sys.stdin], [], [], EVERY)[0]:
        now = [kilobytes(pid) for pid in pids]
        if (total := sum(pss for pss, _rss in now)) > together:
            together, parts = total, [pss for pss, _rss in now]
        alone = [max(before, rss) for before, (_pss, rss) in zip(alone, now, strict=True)]
    return {
        "together_mb": together // 1024,
        "of_each_then_mb": [part // 1024 for part in parts],
        "each_alone_mb": [part // 1024 for part in alone],
    }


if __name__ == "__main__":
    print(json.dumps(_look([int(pid) for pid in sys.argv[1:]])))
