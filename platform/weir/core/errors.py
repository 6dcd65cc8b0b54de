"""The one tree of errors. Each keeps its values as attributes and ends with what to do.

WeirError
├── UsageError            the caller asked for something that cannot be (CLI exit code 2)
│   ├── InvalidValue      a value outside its closed list or range
│   ├── NotFound          a named thing does not exist
│   ├── NameRejected      a name breaks the naming rule
│   ├── LastAdmin         nobody could let others in any more
│   └── QueryRejected     a query cannot be read or run, and where is known
├── RegistryError         an event file is wrong
│   ├── EditConflict      others changed the same places of the event files first
│   └── Incompatible      a version breaks what its event's mode protects
├── GitError              git refused, or the repository is not in a state to be used
├── SpoolError            the spool cannot be read or written
│   └── SpoolFull         no lane can be written: the sender must retry
├── SinkError             a broker does not keep events
│   ├── SinkFull          too much is on its way to it: the sender must retry
│   ├── SinkUnavailable   it did not take them in time: the sender must retry
│   └── SinkRefused       it never will: a record is too large
├── LakeError             the lake cannot be opened, or is of another format
│   ├── FenceLost         another sealer committed this range first: nothing was written
│   └── FormatMismatch    the folder was written by another format version or setting
├── AuditError            the audit log cannot be written: nothing was done
├── BackupError           a backup cannot be made, or is not what its manifest says
├── NotReady              an input partition is missing or stale: build it first
├── RunFailed             a Dagster or dbt run ended in failure
├── ServiceUnavailable    a server that is needed does not answer
└── SignInRefused         the company's sign-in vouches for nobody who may use the console
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol

_LONGEST = 100  # characters of what was typed that are told again
_LISTED = 20


class Difference(Protocol):
    """What `Incompatible` tells of one difference of two versions."""

    @property
    def pointer(self) -> str:
        """Where."""
        ...

    @property
    def reason(self) -> str:
        """What it breaks."""
        ...

    @property
    def remedy(self) -> str:
        """What to do instead."""
        ...


class WeirError(Exception):
    """Base of all errors that Weir raises on purpose.

    Args:
        what: what was wrong, naming what the user typed.
        remedy: what to do about it, as one sentence.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what} {remedy}".strip())


class UsageError(WeirError):
    """The request cannot be fulfilled as it was put."""


class QueryRejected(UsageError):
    """A query cannot be read or run.

    Args:
        what: what is wrong.
        remedy: what to write instead.
        line: of the query, from 1; None if it is not known.
        column: of the line, in characters, from 1.
    """

    def __init__(
        self, what: str, remedy: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.line, self.column = line, column
        super().__init__(what, remedy)

    @property
    def where(self) -> dict[str, str] | None:
        """Line and column as text; None if they are not known."""
        return None if self.line is None else {"line": str(self.line), "column": str(self.column)}


class InvalidValue(UsageError):
    """A value outside its closed list."""

    def __init__(self, key: str, value: object, valid: Iterable[object]) -> None:
        self.key, self.value, self.valid = key, value, tuple(valid)
        choices = ", ".join(str(v) for v in self.valid)
        super().__init__(
            f"Received invalid value `{key}={_cut(value)}`.", f"Valid values are: {choices}."
        )


class NotFound(UsageError):
    """A named thing does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str] = (), remedy: str = "") -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        near = get_close_matches(_cut(name), self.known, n=1)
        told = f"Did you mean `{near[0]}`? {remedy}" if near else f"{remedy} {self._listed()}"
        super().__init__(f"There is no {kind} `{_cut(name)}`.", told.strip())

    def _listed(self) -> str:
        more = len(self.known) - _LISTED
        rest = f" and {more} more" if more > 0 else ""
        return f"Known: {', '.join(self.known[:_LISTED])}{rest}." if self.known else ""


class NameRejected(UsageError):
    """A name breaks the naming rule."""

    def __init__(self, name: str, rule: str, remedy: str) -> None:
        self.name, self.rule = name, rule
        super().__init__(f"The name `{_cut(name)}` is not allowed: {rule}.", remedy)


class RegistryError(WeirError):
    """An event file is wrong.

    Args:
        path: the file, relative to the project.
        pointer: JSON pointer to the place inside the file.
        what: what is wrong there; `said` has it without its place.
        remedy: what to do.
    """

    def __init__(self, path: str, pointer: str, what: str, remedy: str) -> None:
        self.path, self.pointer, self.said = path, pointer, what
        super().__init__(f"{path}{'#' + pointer if pointer else ''}: {what}", remedy)


class EditConflict(RegistryError):
    """Others changed the same places of the event files first; nothing was written.

    Args:
        path: the first file that is concerned.
        pointer: the first place in it.
        what: what is in conflict, all of it.
        remedy: what to do.
        conflicts: every place, with what it was, what others made of it and what was to be saved.
    """

    def __init__(
        self, path: str, pointer: str, what: str, remedy: str, conflicts: Iterable[object]
    ) -> None:
        super().__init__(path, pointer, what, remedy)
        self.conflicts = tuple(conflicts)


class Incompatible(RegistryError):
    """A version breaks what its event's mode protects.

    Args:
        event: the event.
        version: the version.
        mode: the event's compatibility.
        differences: those that the mode forbids.
    """

    def __init__(
        self, event: str, version: int, mode: str, differences: Iterable[Difference]
    ) -> None:
        self.event, self.version, self.mode = event, version, mode
        self.differences = tuple(differences)
        told = "\n".join(f"  {one.pointer}: {one.reason} {one.remedy}" for one in self.differences)
        service = event.rpartition("_")[2]
        path = f"assets/events/{service}/{event}/v{version}.json"
        remedy = "Mend that, or give --breaking with the reason why readers can bear it."
        super().__init__(path, "", f"It breaks what mode `{mode}` protects:\n{told}\n", remedy)


class GitError(WeirError):
    """Git refused, or the repository is not in a state to be used."""


class SpoolError(WeirError):
    """The spool cannot be read or written."""


class SpoolFull(SpoolError):
    """No lane can be written; nothing was kept and the sender must retry."""


class SinkError(WeirError):
    """A broker does not keep events."""


class SinkFull(SinkError):
    """Too much is on its way to the broker; the sender must retry."""


class SinkUnavailable(SinkError):
    """The broker did not take the events in time; the sender must retry."""


class SinkRefused(SinkError):
    """The broker will never take a record; sending it again does not help."""


class LakeError(WeirError):
    """The lake cannot be opened or answered with an error."""


class FenceLost(LakeError):
    """Another sealer committed this range first; this one wrote nothing."""

    def __init__(self, lane: str, epoch: int, offset: int) -> None:
        self.lane, self.epoch, self.offset = lane, epoch, offset
        super().__init__(
            f"Lane `{lane}` is no longer at epoch {epoch}, offset {offset}: another sealer went first.",
            "Nothing was written twice; read the lane's state again and go on from there.",
        )


class FormatMismatch(LakeError):
    """The folder was written by another format version or with another fixed setting."""


class AuditError(WeirError):
    """The audit log cannot be written, so what was to be audited was not done."""

    def __init__(self, path: str, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(
            f"The audit log {path} cannot be written: {why}.",
            "Nothing was done: give the disk room and the file to your user, then run this again.",
        )


class BackupError(WeirError):
    """A backup cannot be made, or is not what its manifest says."""


class NotReady(WeirError):
    """An input partition is missing or stale."""


class RunFailed(WeirError):
    """A Dagster or dbt run ended in failure."""


class ServiceUnavailable(WeirError):
    """A server that is needed does not answer."""


class LastAdmin(UsageError):
    """Nobody could let others in any more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the only admin.", "Make somebody else an admin first.")


class SignInRefused(WeirError):
    """The company's sign-in does not vouch for somebody who may use the console.

    Args:
        code: why, for the sign-in page: `oidc_failed`, `oidc_unknown` or `oidc_taken`.
        what: what was wrong.
        remedy: what to do about it.
    """

    def __init__(self, code: str, what: str, remedy: str = "") -> None:
        self.code = code
        super().__init__(what, remedy)


def _cut(typed: object) -> str:
    """Return what was typed, without the end of what is very long."""
    text = str(typed)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
