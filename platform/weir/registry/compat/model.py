"""What a comparison of two schemas finds. Plain values: the rules are in the modules beside this.

A difference can hurt in three ways, and a mode forbids some of them:

- `backward`: events sent under the old version may be invalid under the new one. Whoever judges or
  reads the past by the new version stumbles.
- `forward`: events sent under the new version may be invalid under the old one. Whoever still judges
  by the old version stumbles, such as a consumer that was not updated.
- `columns`: a column of the event log ends or changes its type. Whoever reads the log stumbles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

Mode = Literal["none", "backward", "forward", "full"]
"""none allows all; backward forbids `backward` and `columns`, forward `forward`, full all three."""

Content = Literal["lenient", "written", "strict"]
"""Whether undeclared keys of an open object are nobody's (lenient), or may hold anything (strict).

Inside alternatives lenient becomes `written`: nobody flags an undeclared key there, the schema judges
it as it is written.
"""

Node = Mapping[str, Any]
"""A schema as parsed JSON."""

TRANSITIVE = "_transitive"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two versions.

    Attributes:
        pointer: where, as a JSON pointer into the new schema, or into the old one if it is gone.
        rule: a stable word for programs.
        reason: what it is and whom it hurts, as a sentence.
        remedy: what to do instead; empty where it hurts nobody.
        backward: whether old events may break the new version.
        forward: whether new events may break the old version.
        columns: whether a column ends or changes its type.
    """

    pointer: str
    rule: str
    reason: str
    remedy: str = ""
    backward: bool = False
    forward: bool = False
    columns: bool = False

    @property
    def hurts(self) -> bool:
        """Whether any mode forbids it."""
        return self.backward or self.forward or self.columns

    def breaks(self, mode: Mode) -> bool:
        """Tell whether a mode forbids it."""
        past = self.backward or self.columns
        forbidden = {"backward": past, "forward": self.forward, "full": past or self.forward}
        return forbidden.get(mode, False)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def broken(differences: Iterable[Difference], mode: Mode) -> list[Difference]:
    """Return the differences that a mode forbids."""
    return [difference for difference in differences if difference.breaks(mode)]


def mode_of(compatibility: str) -> tuple[Mode, bool]:
    """Return an event's mode, and whether it holds against all earlier versions or the last only.

    >>> mode_of("backward_transitive"), mode_of("none")
    (('backward', True), ('none', False))
    """
    mode = compatibility.removesuffix(TRANSITIVE)
    return cast("Mode", mode), mode != compatibility
