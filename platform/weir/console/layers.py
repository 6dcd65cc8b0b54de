"""Activation layers to look at: those that are built, and others computed from their fact and kept a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date

import duckdb

from weir.activation.adhoc import Computed, compute, is_built
from weir.activation.contract import Fact
from weir.activation.project import grains_with_layer, tables_in
from weir.activation.tables import Tables
from weir.orchestra.project import Project

_KEPT = 3  # layers in memory
_Key = tuple[str, str, str, int, str]


@dataclass(frozen=True)
class Layer:
    """A layer that is open.

    Attributes:
        connection: where it is read.
        tables: its tables there.
        rows: rows of the fact that it was computed from; None if it is built.
    """

    connection: duckdb.DuckDBPyConnection
    tables: Tables
    rows: int | None


@dataclass
class _Held:
    stack: ExitStack
    connection: duckdb.DuckDBPyConnection
    computed: Computed
    lock: threading.Lock = field(default_factory=threading.Lock)


class Layers:
    """Opens layers; keeps the last few that were computed, of one snapshot of the lake each."""

    def __init__(self) -> None:
        self._held: OrderedDict[_Key, _Held] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def open(self, project: Project, contract: Fact, grain: str) -> Iterator[Layer]:
        """Open a layer of a fact.

        Raises:
            NotReady: if it is not built, and cannot be computed while somebody waits.
            LakeError: if there is no lake.
        """
        manifest = project.parsed.json
        if grain in grains_with_layer(manifest, contract.name):
            with project.lake.read() as connection:
                if is_built(connection, contract.name, grain):
                    yield Layer(connection, tables_in(manifest, contract, grain), None)
                    return
        held = self._computed(project, contract, grain)
        with held.lock:
            yield Layer(held.connection, held.computed.tables, held.computed.rows)

    def _computed(self, project: Project, contract: Fact, grain: str) -> _Held:
        with self._lock:  # one at a time: each may take all cores
            with project.lake.read() as connection:
                (snapshot,) = connection.execute(
                    "SELECT id FROM ducklake_current_snapshot('lake')"
                ).fetchone() or (0,)
            home = f"{project.settings.home}/{project.settings.env}"
            key = (home, contract.name, grain, int(snapshot), repr(contract))
            if key not in self._held:
                self._held[key] = _compute(project, contract, grain)
            self._held.move_to_end(key)
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)  # closed when nobody looks at it any more
            return self._held[key]


def _compute(project: Project, contract: Fact, grain: str) -> _Held:
    def compiled(fact: str, of: str, until: date) -> str:
        return project.dbt.inline(f"{{{{ activation_adhoc('{fact}', '{of}', '{until}') }}}}")

    with ExitStack() as stack:
        connection = stack.enter_context(project.lake.read())
        connection.begin()  # all of it from one snapshot
        computed = compute(connection, contract, grain, compiled)
        connection.commit()  # what was computed stays; the lake's catalogue is let go
        return _Held(stack.pop_all(), connection, computed)
