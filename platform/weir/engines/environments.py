"""How an environment shows a model: plain data between the planner and the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weir.core.grains import Range

STAGES = ("event_log", "fact", "activation")
"""Stages that an environment may build; it reads the others from production."""


@dataclass(frozen=True)
class Overlay:
    """How an environment shows one model.

    Attributes:
        schema, table, column: the model's table and its partition column.
        own: ranges that the environment built.
        hidden: ranges of production that the environment's code would build differently.
    """

    schema: str
    table: str
    column: str
    own: Sequence[Range] = ()
    hidden: Sequence[Range] = ()

    @property
    def asset(self) -> str:
        """The model's asset."""
        return f"{self.schema}/{self.table}"
