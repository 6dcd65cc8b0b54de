"""Editing one event as a whole: what it began from, what is to say of it, and the files it becomes.

`Bases` gives the events that edits are made against, `judge` answers while somebody edits, `save`
stores what they made through `weir.registry.sync`, as `weir events save` does.
"""

from weir.registry.authoring.bases import Base, Bases
from weir.registry.authoring.changes import Composed, compose
from weir.registry.authoring.documents import NewTerm, Opened, Wanted, open_event
from weir.registry.authoring.saving import Made, save
from weir.registry.authoring.verdict import Verdict, judge

__all__ = [
    "Base",
    "Bases",
    "Composed",
    "Made",
    "NewTerm",
    "Opened",
    "Verdict",
    "Wanted",
    "compose",
    "judge",
    "open_event",
    "save",
]
