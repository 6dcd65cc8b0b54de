"""What an import or export could not carry: said with its place, never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that did not come along.

    Args:
        pointer: where it is in the source, as a JSON pointer.
        what: what is lost, in a sentence.
        remedy: why, or what to do about it, in a sentence.
    """

    pointer: str
    what: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"pointer": self.pointer, "what": self.what, "remedy": self.remedy}
