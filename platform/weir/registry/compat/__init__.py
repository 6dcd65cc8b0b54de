"""Tells what differs between two versions of an event, whom it hurts, and which version may follow.

`compare` looks at two schemas, `transitions` at the versions of one event, `compare_registries` at
two states of a repository. Pure: which versions are active is `weir.registry.versions`' business.
"""

from weir.registry.compat.compare import compare
from weir.registry.compat.model import Difference, Mode, broken, mode_of
from weir.registry.compat.registries import EventChange, compare_registries
from weir.registry.compat.transitions import Proposal, Transition, propose, transitions

__all__ = [
    "Difference",
    "EventChange",
    "Mode",
    "Proposal",
    "Transition",
    "broken",
    "compare",
    "compare_registries",
    "mode_of",
    "propose",
    "transitions",
]
