"""The form of input vectors in entries: said once per run, with which parts each partition read. Pure.

`reads` is the union over the run: upstream asset → key → data version. `spans` tells per partition and
upstream asset which of its keys, in order, were read: `[[0, 31]]` are the first 31. A thousand days that
read thirty days each then take a thousand short lists instead of thirty thousand versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from weir.lineage.ledger.records import Vector

Spans = dict[str, dict[str, list[list[int]]]]
"""Partition key → upstream asset → half-open ranges of positions in the sorted keys."""


def pack(read: Mapping[str, Mapping[str, Sequence[str]]]) -> Spans:
    """Return the spans of what each partition read.

    Args:
        read: partition key → upstream asset → its keys.

    >>> pack({"d1": {"log": ["h1", "h2"]}, "d2": {"log": ["h1", "h3"]}})
    {'d1': {'log': [[0, 2]]}, 'd2': {'log': [[0, 1], [2, 3]]}}
    """
    union: dict[str, set[str]] = {}
    for upstream in read.values():
        for asset, keys in upstream.items():
            union.setdefault(asset, set()).update(keys)
    places = {asset: {k: i for i, k in enumerate(sorted(keys))} for asset, keys in union.items()}
    return {
        key: {asset: _runs(places[asset][k] for k in keys) for asset, keys in upstream.items()}
        for key, upstream in read.items()
    }


def _runs(places: Iterable[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for place in sorted(set(places)):
        if found and found[-1][1] == place:
            found[-1][1] = place + 1
        else:
            found.append([place, place + 1])
    return found


def unpack(reads: Mapping[str, Mapping[str, str]], spans: Spans, key: str) -> Vector:
    """Return what one partition read; everything that its run did, where no spans were written.

    >>> unpack({"log": {"h1": "a", "h2": "b"}}, {"d1": {"log": [[1, 2]]}}, "d1")
    {'log': {'h2': 'b'}}
    """
    if not spans:
        return {asset: dict(versions) for asset, versions in reads.items()}
    found: Vector = {}
    for asset, ranges in spans.get(key, {}).items():
        versions = sorted(reads.get(asset, {}).items())
        found[asset] = dict(pair for start, end in ranges for pair in versions[start:end])
    return found
