"""What sensors learn of the runs that they asked for: each end is taken in once, by its run's id."""

from collections.abc import Collection, Iterable

from weir.core import grains
from weir.core.errors import InvalidValue
from weir.lineage.automation.memory import Memory, Row
from weir.lineage.failures import classify
from weir.lineage.stale import Picture
from weir.orchestra.ended import UNTOLD, Ended
from weir.orchestra.requests import REQUEST_TAG


def learn(memory: Memory, ended: Iterable[Ended], picture: Picture, waves: Collection[str]) -> int:
    """Note what became of requests of some waves; return how many runs that were.

    A run that failed counts against those of its partitions that are still to be built from what
    they were to be built from; what it built before it failed is well.
    """
    count = 0
    for run in ended:
        name = run.tags.get(REQUEST_TAG, "")
        if name.partition(":")[0] not in waves:
            continue
        count += 1
        if run.succeeded:
            memory.succeeded(name, run.assets)
            continue
        told = "" if run.message == UNTOLD else run.message
        sort = classify(told, status=run.status)
        memory.failed(name, run.run_id, sort.name, run.ended, lambda row: _code(picture, row))
    return count


def _code(picture: Picture, row: Row) -> str | None:
    """Return the code of an asset whose partition was not built from a state; None if it was."""
    asset, key, digest = row
    node = picture.nodes.get(asset)
    if node is None:
        return None
    try:
        label = grains.parse(key, node.grain)
    except InvalidValue:
        return None
    look = picture.look(node)
    if label not in look.due or (look.due[label] == digest and label not in look.todo):
        return None
    return node.code
