"""A console of the stage: runs Python inside the product's settings, each piece in a process of its own.

Importing the product takes seconds, forking it milliseconds. A line of JSON comes in for
each piece of code, and one goes out with whether it ran through and what it printed.
"""

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stdout

import django
from celery import current_app


def main() -> None:
    """Answer until the input ends."""
    django.setup()
    current_app.loader.import_default_modules()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()


def run(code: str) -> tuple[bool, str]:
    """Run code in a fork and return whether it ended well and what it said."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as told:
            told.write(json.dumps(_ran(code)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    os.waitpid(pid, 0)
    return tuple(json.loads(said)) if said else (False, "The process died.")


def _ran(code: str) -> tuple[bool, str]:
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            exec(compile(code, "<stage>", "exec"), {"__name__": "stage"})  # noqa: S102  # the tests' own code
    except BaseException:
        return False, said.getvalue() + traceback.format_exc()
    return True, said.getvalue()


if __name__ == "__main__":
    main()
