"""Merges a change into the files as they are now: the optimistic lock of the event files. Pure.

A file that is still what it was read as is replaced. One that others changed meanwhile is merged
node by node; what both changed is a conflict, told with a name that a resolution refers to. Where
the files are kept does not matter here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from weir.core.errors import EditConflict, InvalidValue, RegistryError
from weir.registry.findings import show
from weir.registry.sync.change import ROOT, Change, Edit, blob_id, canonical, text, unix, values
from weir.registry.sync.threeway import ABSENT, UNDECIDED, Node, merge

MINE, THEIRS, VALUE = "mine", "theirs", "value"
Resolutions = Mapping[str, Any]
"""By a conflict's id: `mine`, `theirs`, or `{"value": …}`."""
_UNKNOWN_BASE = "What the file was read as is not known here."


@dataclass(frozen=True)
class Conflict:
    """One place that others changed since it was read, and this change too.

    Args:
        id: names the conflict, with what both sides hold: it is another one once theirs changes.
        path: the file, relative to the events' folder.
        pointer: the place in it.
        base: what it was read as; `ABSENT` if nothing was there.
        mine: what was to be saved.
        theirs: what is there now.
        remedy: what to do.
    """

    id: str
    path: str
    pointer: str
    base: Any
    mine: Any
    theirs: Any
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; a side that is absent is left out."""
        sides = {"base": self.base, "mine": self.mine, "theirs": self.theirs}
        known = {side: value for side, value in sides.items() if value is not ABSENT}
        place = {"id": self.id, "path": self.path, "pointer": self.pointer}
        return place | known | {"remedy": self.remedy}

    def __str__(self) -> str:
        was, mine, theirs = (_told(value) for value in (self.base, self.mine, self.theirs))
        place = f"{ROOT}/{self.path}#{self.pointer}"
        return f"{self.id} {place}: was {was}, theirs {theirs}, mine {mine}."


@dataclass(frozen=True)
class Merged:
    """The files to write (None to remove), and what stands against it."""

    files: Mapping[str, bytes | None]
    conflicts: tuple[Conflict, ...] = ()

    def checked(self) -> Mapping[str, bytes | None]:
        """Return the files.

        Raises:
            EditConflict: if something stands against it.
        """
        if self.conflicts:
            raise conflict_error(self.conflicts)
        return self.files


def merge_change(
    change: Change,
    theirs: Mapping[str, bytes],
    content_of: Callable[[str], bytes | None],
    resolutions: Resolutions | None = None,
    own: Mapping[str, bytes] | None = None,
) -> Merged:
    """Merge a change into the files as they are now.

    Args:
        change: what is to be saved.
        theirs: the files now, relative to the events' folder.
        content_of: returns the content of a hash, or None if it is not known.
        resolutions: what to do about conflicts that were reported before.
        own: the files as the same editor saved them last: what others left as it was saved there is
            replaced by a further edit of the same place, and no conflict.

    Returns:
        Only files that come out different from `theirs`.

    Raises:
        InvalidValue: if a resolution is none.
        RegistryError: if a file is no JSON.
    """
    decisions = resolutions or {}
    for given in decisions.values():
        if given not in (MINE, THEIRS) and not (
            isinstance(given, dict) and given.keys() == {VALUE}
        ):
            raise InvalidValue("resolution", show(given), (MINE, THEIRS, '{"value": …}'))
    files: dict[str, bytes | None] = {}
    conflicts: list[Conflict] = []
    for edit in change.edits:
        now = theirs.get(edit.path)
        mine_before = (own or {}).get(edit.path)
        content, found = _File(edit, now, content_of, decisions, mine_before).merged()
        conflicts += found
        if content != now:
            files[edit.path] = content
    return Merged(files, tuple(conflicts))


def conflict_error(conflicts: tuple[Conflict, ...]) -> EditConflict:
    """Return the error that tells all conflicts."""
    first, many = conflicts[0], len(conflicts)
    what = f"{many} place{'s were' if many > 1 else ' was'} changed by others too:"
    told = "\n".join([what, *(f"  {conflict}\n    {conflict.remedy}" for conflict in conflicts)])
    remedy = "Nothing was saved. Say for each which side to take: `--mine ID` or `--theirs ID`."
    return EditConflict(f"{ROOT}/{first.path}", first.pointer, told, remedy, conflicts)


@dataclass(frozen=True)
class _File:
    """One edited file, what is there now, and where its past can be looked up."""

    edit: Edit
    now: bytes | None
    content_of: Callable[[str], bytes | None]
    resolutions: Resolutions
    own: bytes | None = None

    def merged(self) -> tuple[bytes | None, list[Conflict]]:
        mine = None if self.edit.content is None else unix(self.edit.content)
        if self._unchanged():
            return (self.now if _alike(mine, self.now) else mine), []
        sides = [self._value(content) for content in (mine, self.now)]
        if canonical_or_absent(sides[0]) == canonical_or_absent(sides[1]):
            return self.now, []
        return self._three_way(*sides)

    def _unchanged(self) -> bool:
        """Tell whether the file is what it was read as."""
        if self.now is None or self.edit.base is None:
            return self.now is None and self.edit.base is None
        return blob_id(self.now, self.edit.base) == self.edit.base or _alike(self._was(), self.now)

    def _was(self) -> bytes | None:
        if self.edit.base is None or self.edit.was is not None:
            return self.edit.was
        return self.content_of(self.edit.base)

    def _value(self, content: bytes | None) -> Any:
        return ABSENT if content is None else values(self.edit.path, content)

    def _three_way(self, mine: Any, theirs: Any) -> tuple[bytes | None, list[Conflict]]:
        was = self._was()
        unknown = self.edit.base is not None and was is None
        base = ABSENT if unknown else self._value(was)
        try:
            merged, nodes = merge(base, mine, theirs, self._decide)
        except RecursionError:
            what = "The file is nested too deeply to be merged."
            raise RegistryError(f"{ROOT}/{self.edit.path}", "", what, "Flatten it.") from None
        conflicts = [self._conflict(node, unknown=unknown) for node in nodes]
        return (None if merged is ABSENT else self._written(merged)), conflicts

    def _written(self, merged: Any) -> bytes:
        """Return the merged value in the text of the side that has it already, if one has."""
        for side in (self.now, self.edit.content):
            if side is not None and canonical(values(self.edit.path, side)) == canonical(merged):
                return unix(side) if side is self.edit.content else side
        return text(merged)

    def _decide(self, node: Node) -> Any:
        given = self.resolutions.get(self._name(node))
        if given is None:
            return node.mine if self._is_own(node) else UNDECIDED
        sides = {MINE: node.mine, THEIRS: node.theirs}
        return given[VALUE] if isinstance(given, dict) else sides[given]

    def _is_own(self, node: Node) -> bool:
        """Tell whether theirs is what the same editor saved there."""
        if self.own is None:
            return False
        saved = value_at(self._value(self.own), node.pointer)
        return canonical_or_absent(saved) == canonical_or_absent(node.theirs)

    def _name(self, node: Node) -> str:
        held = [self.edit.path, node.pointer, *map(canonical_or_absent, (node.mine, node.theirs))]
        return hashlib.blake2b("\0".join(held).encode(), digest_size=5).hexdigest()

    def _conflict(self, node: Node, *, unknown: bool) -> Conflict:
        remedy = (
            f"{_UNKNOWN_BASE} Read it again, and make the edit anew."
            if unknown
            else _remedy(self.edit.path, node)
        )
        return Conflict(
            self._name(node),
            self.edit.path,
            node.pointer,
            node.base,
            node.mine,
            node.theirs,
            remedy,
        )


def canonical_or_absent(value: Any) -> str:
    """Return the canonical text of a side, which may be absent."""
    return "" if value is ABSENT else canonical(value)


def value_at(value: Any, pointer: str) -> Any:
    """Return what a pointer through objects names; `ABSENT` if nothing.

    >>> value_at({"a/b": {"c": 1}}, "/a~1b/c")
    1
    """
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        value = value.get(name, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def _alike(one: bytes | None, other: bytes | None) -> bool:
    if one is None or other is None:
        return one is other
    return unix(one) == unix(other)


def _remedy(path: str, node: Node) -> str:
    if node.pointer == "" and node.base is ABSENT:
        return "Both made this file. Keep theirs, and save yours under the next version."
    if node.mine is ABSENT:
        return "You removed what others changed. Take theirs to keep it, mine to remove it."
    if node.theirs is ABSENT:
        return "Others removed what you changed. Take mine to keep it, theirs to let it go."
    return f"Ask who changed it (`git log {ROOT}/{path}`), and take one side or a third value."


def _told(value: Any) -> str:
    return "absent" if value is ABSENT else show(value)
