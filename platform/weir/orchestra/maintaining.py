"""Maintains a project's lake and index: retention, files, commits. What `weir maintain` and its asset do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from weir.engines.embedded.maintenance import Done, Maintenance
from weir.engines.embedded.retention import count_before, drop_before, record
from weir.engines.embedded.search import SearchIndex
from weir.lineage.checking.subject import column_of
from weir.lineage.nodes import Kind
from weir.lineage.retention import Cutoff, cutoffs
from weir.orchestra.project import Project


def maintain(project: Project, *, dry_run: bool = False) -> Iterator[Done]:
    """Do one maintenance, step by step; yield what each step did.

    It may be cut off between any two steps, and in one: the next maintenance goes on.

    Args:
        project: the project.
        dry_run: whether to say only what would be done.
    """
    if not project.lake.exists or project.environment is not None:
        return
    work = Maintenance(project.lake, dry_run=dry_run, clock=lambda: _seconds(project))
    yield from _retain(project, dry_run=dry_run)
    yield from work.compact()
    yield from work.expire(timedelta(days=project.settings.snapshot_days))
    yield from work.clean()
    yield from work.put_strays_aside()


def _seconds(project: Project) -> float:
    return project.now().replace(tzinfo=UTC).timestamp()


def _retain(project: Project, *, dry_run: bool) -> Iterator[Done]:
    days = project.settings.retention_days
    if not any(days.values()):
        return
    now = project.now()
    for cutoff in cutoffs(project.picture(), days, now):
        rows = _drop(project, cutoff, now, dry_run=dry_run)
        note = f"older ones wait for {cutoff.waits_for}" if cutoff.waits_for else ""
        if rows or note:
            subject = f"{cutoff.node.asset} before {cutoff.end:%Y-%m-%d}"
            yield Done("retention", subject, rows, "rows", note=note)


def _drop(project: Project, cutoff: Cutoff, now: datetime, *, dry_run: bool) -> int:
    node, end = cutoff.node, cutoff.end
    if node.kind is Kind.SEARCH:
        return _drop_index(project, cutoff, now, dry_run=dry_run)
    column = column_of(node)
    if not dry_run:
        return drop_before(project.lake, node.asset, column, end, now)
    with project.lake.read() as connection:
        return count_before(connection, node.asset, column, end)


def _drop_index(project: Project, cutoff: Cutoff, now: datetime, *, dry_run: bool) -> int:
    """Drop days of the index, recorded first: what was cut off in between is removed next time."""
    index = SearchIndex(project.settings.search_dir)
    end = cutoff.end
    documents = sum(hour.rows for hour in index.stats(datetime.min, end))  # noqa: DTZ901 - naive
    days = [day for day in index.days if day < end.date()]
    if days and not dry_run:
        project.lake.transact(
            lambda connection: record(connection, cutoff.node.asset, end, documents, now)
        )
        index.drop_before(end.date())
    return documents
