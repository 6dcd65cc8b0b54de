"""The spool in a backup: copied after the catalogue, so that together they hold every event once.

The catalogue says up to which offset each epoch has landed. Segments are copied later, so they hold
everything acknowledged before the copy that had not landed, and some that had: the sealer of the
restored home goes on at the catalogue's offsets and passes those over. Only a segment that landed
*and* was removed between the two copies would be lost; `lost_between` finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from weir.backup.copying import copy, place
from weir.backup.manifest import paths
from weir.collect.durable import retired_footers
from weir.collect.segments import list_segments
from weir.core.landing import LANES

_NOT_COPIED = ("writers/", "metrics/", "tail/", "rates", "ballast", "probe", "collector.lock")
"""What only living processes use."""
_TRIES = 10


def copy_spool(spool: Path, target: Path, *, link: bool) -> None:
    """Copy the segments, open ones up to what is written, then the rest: epoch, drops, retired."""
    for lane in LANES:
        _copy_lane(spool, target, lane, link=link)
    for path in _others(spool):
        _copy_if_there(spool / path, target / path)


def lost_between(target: Path, sealed: Mapping[str, Mapping[int, int]]) -> list[str]:
    """Return epochs of which records are in neither the copied lake nor the copied spool.

    Args:
        target: the copied spool.
        sealed: of the copied catalogue, by lane and epoch: the offset before which all has landed.
    """
    held = {
        (s.lane, s.epoch, s.first_offset) for lane in LANES for s in list_segments(target, lane)
    }
    lost = []
    for key, footer in retired_footers(target):
        lane, epoch, first = key
        if key not in held and footer.next_offset > sealed.get(lane, {}).get(epoch, 0):
            lost.append(f"{lane} {epoch}-{first}")
    return lost


def copy_drops(spool: Path, target: Path) -> None:
    """Copy the counts of what was dropped; before the catalogue too, which takes each file once."""
    for path in _others(spool):
        if path.startswith("drops/"):
            _copy_if_there(spool / path, target / path)


def _copy_lane(spool: Path, target: Path, lane: str, *, link: bool) -> None:
    """Copy a lane until a pass finds no segment renamed or removed under its hands."""
    for _ in range(_TRIES):
        gone = False
        for segment in list_segments(spool, lane, complete=None):
            into = target / lane / segment.path.name
            try:
                if segment.complete:
                    place(segment.path, into, link=link)
                else:
                    copy(segment.path, into)
            except FileNotFoundError:
                gone = True
        if not gone:
            break
    for segment in list_segments(target, lane, complete=False):
        if segment.path.with_suffix(".seg").exists():  # completed between two passes
            segment.path.unlink()


def _others(spool: Path) -> list[str]:
    lanes = tuple(f"{lane}/" for lane in LANES)
    return [path for path in paths(spool) if not path.startswith((*lanes, *_NOT_COPIED))]


def _copy_if_there(source: Path, target: Path) -> None:
    with suppress(FileNotFoundError):  # drops that landed meanwhile: the copy before has them
        copy(source, target)
