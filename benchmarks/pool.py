"""A pool of processes as the product's workers have it: one that has loaded everything, and its children.

``python -m benchmarks.pool RUN GENERATION WORKERS`` calculates a run as the children of such a pool would.
Only the children work: the first prepares and finishes, all of them take batches.
"""

import json
import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Self

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from apps.access.models import User  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.incentives import services  # noqa: E402
from benchmarks import people  # noqa: E402
from benchmarks.clocks import timed  # noqa: E402
from salesorg.celery import app, before_fork  # noqa: E402


class Pool:
    """Starts the processes, so that their start is not measured, and has them calculate a run."""

    def __init__(self, run_id: int, generation: int, workers: int) -> None:
        given = [str(number) for number in (run_id, generation, workers)]
        command = [sys.executable, "-m", "benchmarks.pool", *given]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pids: list[int] = [self._process.pid, *self._told()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._say("end")
        self._process.wait()

    def work(self) -> list[dict[str, Any]]:
        """Return what each child took for the whole run, step by step."""
        self._say("go")
        return list(self._told())

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def _told(self) -> Any:
        assert self._process.stdout is not None  # noqa: S101
        return json.loads(self._process.stdout.readline())


def main(run_id: int, generation: int, workers: int) -> None:
    """Load what a worker loads, fork, and lead the children through the steps of the run."""
    app.loader.import_default_modules()
    app.finalize()
    before_fork()
    forked = multiprocessing.get_context("fork")
    ends = []
    for _number in range(workers):
        here, there = forked.Pipe()
        child = forked.Process(target=_child, args=(there, run_id, generation))
        child.start()
        ends.append((child, here))
    print(json.dumps([child.pid for child, _end in ends]), flush=True)
    sys.stdin.readline()
    first = ends[0][1]
    _step([first], "prepare")
    _step([end for _child_, end in ends], "batches")
    _step([first], "finish")
    print(json.dumps([_step([end], "tell")[0] for _child_, end in ends]), flush=True)
    sys.stdin.readline()
    for child, end in ends:
        end.send("end")
        child.join()


def _step(ends: list[Any], word: str) -> list[Any]:
    for end in ends:
        end.send(word)
    return [end.recv() for end in ends]


def _child(parent: "Connection[Any, Any]", run_id: int, generation: int) -> None:
    connection.ensure_connection()
    given: dict[str, Any] = {"run_id": run_id, "generation": generation, "at": people.AT}
    steps: dict[str, Callable[[], None]] = {
        "prepare": lambda: _prepare(given),
        "batches": lambda: _batches(given),
        "finish": lambda: _finish(given),
    }
    took: dict[str, Any] = {}
    with clock.fixed(people.AT):
        while (word := parent.recv()) != "end":
            if word == "tell":
                parent.send(took)
                continue
            took[word] = timed(steps[word])
            parent.send(word)


def _prepare(given: dict[str, Any]) -> None:
    with transaction.atomic():
        services.prepare_calculation(**given)


def _batches(given: dict[str, Any]) -> None:
    done = 1
    while done:
        with transaction.atomic():
            done = services.compute_batch(**given)


def _finish(given: dict[str, Any]) -> None:
    writer = User.objects.get(username="bench-writer")
    with transaction.atomic():
        services.finish_calculation(**given, by=writer)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
