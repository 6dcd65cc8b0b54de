"""Reviews a change of a project's files: both commits are parsed; the data of a home is only looked at."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from weir.core.settings import Settings, load
from weir.lineage.columns.changes import Change
from weir.lineage.columns.model_code import ModelCode
from weir.lineage.columns.past import Load, Past
from weir.lineage.graph.of_picture import graph_of
from weir.lineage.recovery.estimate import estimator
from weir.lineage.recovery.planning import make_plan
from weir.lineage.recovery.plans import PlanKind, Wanted
from weir.lineage.review.changed import By
from weir.lineage.review.report import Report, compared, past_of, with_cost
from weir.lineage.review.side import Side, owners_in, parts_of, views_beside
from weir.orchestra.columns import Columns, code_store
from weir.orchestra.manifest import Parsed
from weir.orchestra.planning import timings
from weir.orchestra.project import Project
from weir.orchestra.trial import compare_sample
from weir.registry.sync.worktree import parted, require_committed, worktree

FOLDERS = ("dbt", "assets")
"""Folders of a project whose files decide what is built."""
_NO_DATA = "nothing is built in `{}`"


def review(
    settings: Settings, base: str = "", *, allow_dirty: bool = False, sample: int = 0
) -> Report:
    """Compare a project's folder with where it left its base.

    Args:
        settings: the project's; its home is looked at for what is built, if anything is.
        base: the branch, tag or hash to compare with; '' for the usual one.
        allow_dirty: compare the files as they lie, committed or not.
        sample: how many of the newest partitions of each changed model to build and compare.

    Raises:
        GitError: if git is missing or refuses.
        RunFailed: if dbt cannot parse one of the two.
        UsageError: if there is no repository or base, or the folder has what is not committed.
    """
    repository, found, start = parted(settings, base)
    if not allow_dirty:
        require_committed(repository, FOLDERS)
    with _two_homes() as (before, after), worktree(repository, start) as folder:
        head = Project(load(settings.project, after))
        new = side_of(head)
        _begin_with(head.columns, before)
        old = side_of(Project(load(folder, before)))
        report = compared(f"{found.said} at {start[:12]}", old, new, _failed(new))
        return _with_data(report, settings, head, past_of(old, new), sample)


def side_of(project: Project) -> Side:
    """Return a project as its files say it is; nothing of its data is read."""
    codes, nodes = project.columns.codes(), project.nodes
    return Side(
        {node.asset: node for node in nodes},
        codes,
        project.columns.graph,
        parts_of(project.parsed.json),
        owners_in(project.parsed.json, nodes),
        views_beside(codes, nodes),
    )


class _Seen(Project):
    """The data of a home, as the code of another folder sees it: nothing is parsed in that home.

    Args:
        data: settings of the home.
        code: the project whose code it is.
        built: returns the code that something was built with, where the home has not kept it.
    """

    def __init__(self, data: Settings, code: Project, built: Load) -> None:
        super().__init__(data)
        self._code, self._built = code, built

    @cached_property
    def parsed(self) -> Parsed:
        """The parsed dbt project."""
        return self._code.parsed

    @cached_property
    def columns(self) -> Columns:
        """The columns of all models."""
        return self._code.columns

    @cached_property
    def past(self) -> Past:
        """What became of the code that partitions were built with."""
        store = code_store(self.settings)

        def load_(asset: str, code: str) -> ModelCode | None:
            return store.load(asset, code) or self._built(asset, code)

        return Past(self.nodes, load_, self.columns.codes)


def _with_data(
    report: Report, settings: Settings, head: Project, past: Past, sample: int
) -> Report:
    """Add what the data of the home tells."""
    seen = _Seen(settings, head, past.load)
    picture = seen.picture() if seen.lake.exists else None
    if picture is None or not any(picture.built(node) for node in seen.nodes if node.unique_id):
        why = _NO_DATA.format(settings.home.name)
        return replace(report, cost_note=f"not estimated: {why}", data_note=f"not compared: {why}")
    added = [one.asset for one in report.changed if one.by is By.ADDED]
    plan = make_plan(
        picture,
        graph_of(picture),
        Wanted(PlanKind.RECOVER),
        now=seen.now(),
        estimator=estimator(lambda asset: timings(seen, asset)),
        among={*report.restated, *added},
    )
    cost, note = with_cost(plan, added)
    report = replace(report, cost=cost, cost_note=note, runs=len(plan.steps))
    if not sample:
        return replace(
            report, data_note="not compared: --sample N builds N partitions of each model"
        )
    data = compare_sample(settings, head, _comparable(report, head), sample)
    return replace(report, data=data, data_note=f"the newest {sample} partitions of each model")


def _comparable(report: Report, head: Project) -> list[str]:
    """Return the changed models that were there before."""
    models = {node.asset for node in head.nodes if node.unique_id}
    return [
        one.asset
        for one in report.changed
        if one.asset in models and one.by is not By.ADDED and one.change.change is not Change.NONE
    ]


def _failed(side: Side) -> dict[str, str]:
    return {
        asset: why
        for (asset, column), why in side.unresolved.items()
        if not column and asset in side.codes and not side.codes[asset].sql
    }


@contextmanager
def _two_homes() -> Iterator[tuple[Path, Path]]:
    """Yield two empty homes for parsing: that of the data is left alone."""
    with tempfile.TemporaryDirectory(prefix="weir-ci-") as folder:
        yield Path(folder) / "base", Path(folder) / "head"


def _begin_with(columns: Columns, home: Path) -> None:
    """Give another home the columns that are known: it compiles only the models that differ."""
    place = home / "dbt" / "target" / columns.path.name
    place.parent.mkdir(parents=True)
    shutil.copy(columns.path, place)
