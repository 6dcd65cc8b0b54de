"""Loading definitions without Python looking for garbage in them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many objects that stay: the cyclic garbage collector rests, and passes them over later.

    Walking them takes two fifths of the time at 1,300 models, and its share grows. Only what a process
    makes first is passed over for good: a code server loads definitions once, and what a test makes
    later should go when it is done.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            gc.freeze()
        if was_on:
            gc.enable()
