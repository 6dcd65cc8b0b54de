"""Promotes what an environment has built into production, and takes promotions back.

What goes and what is in the way is decided in `weir.lineage.environments.promotion`; rows are copied
by `weir.engines.embedded.promotion`, in one commit that also holds the ledger entries and the record
of the promotion itself.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from weir.core import grains
from weir.core.errors import LakeError, NotFound
from weir.core.grains import Grain, Range, coalesce
from weir.core.settings import Settings
from weir.engines.embedded import promotion as store
from weir.engines.embedded.commit import NO_ROWS, LedgerEntry, Partition
from weir.engines.embedded.lake import Lake
from weir.engines.embedded.pins import pin, unpin
from weir.engines.embedded.promotion import Logged, Replaced
from weir.lineage.environments.fingerprints import changes, fingerprints
from weir.lineage.environments.picture import EnvironmentPicture
from weir.lineage.environments.promotion import CannotPromote, Moving, Promotion, promotion
from weir.lineage.ledger import Built, Ledger
from weir.lineage.ledger.vector import pack
from weir.lineage.nodes import Kind, Node
from weir.orchestra.columns import code_store
from weir.orchestra.environment_homes import base_of
from weir.orchestra.environments import Environment
from weir.orchestra.instance import open_instance
from weir.orchestra.project import Project


@dataclass(frozen=True)
class Done:
    """A promotion or rollback that was committed.

    Attributes:
        id: its number.
        ranges: asset → ranges of partitions that were put in place.
        partitions: how many were put in place, those with the same rows included.
    """

    id: str
    ranges: Mapping[str, Sequence[Range]]
    partitions: int


def project_of(environment: Environment, code: Path | None = None) -> Project:
    """Return the project of an environment, with the code of a folder.

    Args:
        environment: the environment.
        code: folder of the project whose code production is to have; the environment's when not given.
    """
    settings = environment.settings
    if code is not None:
        settings = settings.model_copy(update={"project": code.resolve()})
    return Project(settings)


def planned(project: Project) -> Promotion:
    """Return what of an environment would go into production now, and what is in the way."""
    environment = project.environment
    assert environment is not None
    picture = project.picture()
    assert isinstance(picture, EnvironmentPicture)
    different = changes(base_of(environment), fingerprints(project.parsed.json))
    return promotion(picture, environment.lake.bases(), set(different))


def promote(project: Project, actor: str) -> Done | None:
    """Put what an environment has built into production, in one commit; None if there is nothing.

    The plan is made again under production's write lock: what changed since is seen.

    Raises:
        CannotPromote: if something is in the way; production is as it was.
    """
    settings = project.settings
    number = f"{project.now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"

    def work(connection: duckdb.DuckDBPyConnection) -> Promotion:
        plan = planned(project)
        if plan.blocked:
            raise CannotPromote(settings.env, plan.blocked)
        if plan.moving:
            _promote(connection, project, plan, Logged(
                number, "promote", settings.env, actor, project.now(), store.newest(connection), {}
            ))  # fmt: skip
        return plan

    project.parsed  # noqa: B018 - parsing takes seconds: not under the lock
    with project.lake.locked():  # nothing is built in the environment meanwhile
        plan = Lake(settings.production).transact(work)
    if not plan.moving:
        return None
    done = Done(number, {m.node.asset: m.ranges for m in plan.moving}, plan.partitions)
    _keep_code(project, plan)
    _tell(settings.production, done, [m.node for m in plan.moving], f"promoted {settings.env}")
    return done


def rollback(
    project: Project, actor: str, number: str | None = None, *, force: bool = False
) -> Done:
    """Put back what production held before a promotion, in one commit.

    Args:
        project: production's.
        actor: who asks for it.
        number: the promotion; the newest that was not taken back when not given.
        force: also if later runs changed those partitions.

    Raises:
        NotFound: if there is no such promotion.
        LakeError: if later runs changed its partitions, or its snapshot has expired.
    """
    nodes = {node.asset: node for node in project.nodes}

    def work(connection: duckdb.DuckDBPyConnection) -> tuple[Logged, list[Replaced]]:
        entry = chosen(store.logged(connection), number)
        project.ledger.sync(project.history)
        if not force and (later := _changed_since(project, entry)):
            raise LakeError(
                f"Later runs changed what the promotion {entry.id} put into production: {later}.",
                "Promote or restate those instead, or give --force to put the old rows back.",
            )
        tables = [_back(nodes[a], parts, entry.id) for a, parts in entry.partitions.items()]
        undone = {
            a: {k: {"hash": _was(p).hash, "was": None} for k, p in parts.items()}
            for a, parts in entry.partitions.items()
        }
        before = store.newest(connection)
        store.restore(connection, project.lake, tables, entry.before)
        unpin(connection, _reason(entry.id))
        told = Logged(
            f"{entry.id}-back", "rollback", entry.id, actor, project.now(), before, undone
        )
        store.log(connection, told, [table.entry for table in tables])
        return entry, tables

    entry, tables = project.lake.transact(work)
    ranges = {f"{t.schema}/{t.table}": list(t.ranges) for t in tables}
    count = sum(len(parts) for parts in entry.partitions.values())
    done = Done(f"{entry.id}-back", ranges, count)
    _tell(project.settings, done, [nodes[a] for a in ranges], f"rolled back {entry.id}")
    return done


def history(settings: Settings) -> list[Logged]:
    """Return the promotions and rollbacks of a home, oldest first."""
    with Lake(settings).read() as connection:
        return store.logged(connection)


def chosen(entries: Sequence[Logged], number: str | None) -> Logged:
    """Return the promotion to take back: that of a number, or the newest that still stands.

    Raises:
        NotFound: if there is none.
    """
    taken_back = {e.environment for e in entries if e.kind == "rollback"}
    standing = [e for e in entries if e.kind == "promote" and e.id not in taken_back]
    found = [e for e in standing if number in (None, e.id)]
    if not found:
        raise NotFound("promotion that still stands", number or "", [e.id for e in standing])
    return found[-1]


def _promote(
    connection: duckdb.DuckDBPyConnection, project: Project, plan: Promotion, entry: Logged
) -> None:
    store.attach(connection, project.lake)
    store.promote(connection, [_copied(moving, entry.id) for moving in plan.moving])
    pin(connection, entry.before, _reason(entry.id))
    partitions = {m.node.asset: _recorded(m) for m in plan.moving}
    entries = [
        each for moving in plan.moving for each in _entries(project.ledger, moving, entry.id)
    ]
    store.log(connection, replace(entry, partitions=partitions), entries)


def _keep_code(project: Project, plan: Promotion) -> None:
    """Keep for production the code that its new partitions were built with."""
    theirs, ours = code_store(project.settings), code_store(project.settings.production)
    for moving in plan.moving:
        for version in {built.code for built in moving.built.values()}:
            if (code := theirs.load(moving.node.asset, version)) is not None:
                ours.save(code)


def _copied(moving: Moving, number: str) -> Replaced:
    node = moving.node
    inside = {at for span in moving.ranges for at in span}
    rows = sum(built.rows for at, built in moving.built.items() if at in inside)
    entry = _entry(node, moving.built, number)
    return Replaced(node.stage, node.table, node.column, moving.ranges, rows, entry)


def _entries(ledger: Ledger, moving: Moving, number: str) -> list[LedgerEntry]:
    """Return one ledger entry per run that built partitions of a table, with what they read."""
    by_run: dict[tuple[str, str], dict[datetime, Built]] = defaultdict(dict)
    for at, built in moving.built.items():
        by_run[built.code, built.run][at] = built
    vectors = ledger.reads(moving.node.asset)
    found = []
    for built_by in by_run.values():
        entry = _entry(moving.node, built_by, number)
        read = {key: vectors.get(key, {}) for key in entry.partitions}
        reads: dict[str, dict[str, str]] = defaultdict(dict)
        for upstream in read.values():
            for asset, versions in upstream.items():
                reads[asset].update(versions)
        spans = pack({key: {a: list(v) for a, v in of.items()} for key, of in read.items()})
        found.append(replace(entry, reads=dict(reads), spans=spans if reads else {}))
    return found


def _entry(node: Node, built: Mapping[datetime, Built], number: str) -> LedgerEntry:
    parts = {
        grains.text(at, node.grain): Partition(b.rows, b.hash, b.input) for at, b in built.items()
    }
    code = next(iter(built.values())).code if built else ""
    return LedgerEntry(node.asset, node.grain.unit, parts, run=_reason(number), code=code)


def _recorded(moving: Moving) -> dict[str, dict[str, Any]]:
    grain = moving.node.grain
    return {
        grains.text(at, grain): {"hash": built.hash, "was": _plain(moving.replaced.get(at))}
        for at, built in moving.built.items()
    }


def _plain(built: Built | None) -> dict[str, Any] | None:
    if built is None:
        return None
    return {"rows": built.rows, "hash": built.hash, "input": built.input, "code": built.code}


def _was(recorded: Mapping[str, Any]) -> Built:
    was = recorded["was"] or {"rows": 0, "hash": NO_ROWS, "input": "", "code": ""}
    return Built(was["rows"], was["hash"], was["input"], "", was["code"], -1, None)


def _back(node: Node, parts: Mapping[str, Mapping[str, Any]], number: str) -> Replaced:
    built = {grains.parse(key, node.grain): _was(part) for key, part in parts.items()}
    other = {
        at for at, was in built.items() if was.hash != parts[grains.text(at, node.grain)]["hash"]
    }
    rows = sum(built[at].rows for at in other)
    entry = _entry(node, built, f"{number}-back")
    return Replaced(node.stage, node.table, node.column, _ranges(other, node), rows, entry)


def _changed_since(project: Project, entry: Logged) -> str:
    """Return which partitions of a promotion hold something else by now, '' if none does."""
    told = []
    for node in project.nodes:
        parts = entry.partitions.get(node.asset, {})
        now = project.ledger.built(node.asset) if parts else {}
        other = {
            grains.parse(key, node.grain)
            for key, part in parts.items()
            if key not in now or now[key].hash != part["hash"]
        }
        if other:
            told.append(f"{node.asset} {', '.join(map(str, _ranges(other, node)[:4]))}")
    return "; ".join(told)


def _ranges(labels: Iterable[datetime], node: Node) -> list[Range]:
    return coalesce(labels, node.grain, limit=10**9)


def _reason(number: str) -> str:
    return f"promotion {number}"


def _tell(settings: Settings, done: Done, nodes: Iterable[Node], why: str) -> None:
    """Report to Dagster what is in production now; `weir partitions reconcile` mends a failure."""
    with open_instance(settings) as instance:
        for node in nodes:
            for key in _dagster_keys(node, done.ranges[node.asset]):
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(
                        node.asset.split("/"),
                        description=f"Copied, not computed: {why}.",
                        partition=key,
                        metadata={"promotion": done.id},
                    )
                )


def _dagster_keys(node: Node, ranges: Iterable[Range]) -> list[str]:
    """Return the Dagster partitions of ranges: an event log's are landing days."""
    labels = [at for each in ranges for at in each]
    if node.kind is not Kind.EVENT_LOG:
        return [grains.text(at, node.grain) for at in labels]
    return [
        grains.text(day, Grain.DAY) for day in sorted({grains.floor(a, Grain.DAY) for a in labels})
    ]


__all__ = ["Done", "chosen", "history", "planned", "project_of", "promote", "rollback"]
