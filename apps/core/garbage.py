"""Holding the garbage collector back while thousands of objects are made that all stay in use."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Collect nothing within the block: every pass over a tree that is still growing would be in vain.

    Use it around a short computation in memory. What it leaves is found by the next ordinary pass.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
