"""Carries out range runs: inside this process, on the home's Dagster instance.

The runs, their events and checks show in the Dagster UI like any other; a process is not started for
each, which saves 10–18 s a run.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from time import perf_counter
from types import ModuleType

import dagster as dg
from dagster._core.code_pointer import FileCodePointer
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from dagster._core.utils import make_new_run_id

from weir.audit import audited
from weir.core.errors import RunFailed
from weir.lineage import restate
from weir.lineage.plan import Outcome, RangeRun, runs_of, waves_in
from weir.lineage.restate import Restatement
from weir.orchestra.freshness import FRESH
from weir.orchestra.home import remember
from weir.orchestra.instance import open_instance
from weir.orchestra.manifest import environment
from weir.orchestra.models import RANGE_END, RANGE_START
from weir.orchestra.project import Project

PROCESS = "weir/process"
"""Tag of a run: id of the process that carries it out. Dagster notes it later, and in its log only."""
_JOB = "__ASSET_JOB"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the event log has it all
_MAX_ROUNDS = 3  # of one wave: a seal may land while it runs; then it is planned again


def load_definitions(project: Project) -> dg.Definitions:
    """Load the project's code location the way Dagster does, by its file, for this home."""
    settings = remember(project).settings
    environment(settings)
    pointer = FileCodePointer(
        python_file=str(settings.project / "definitions.py"),
        fn_name="defs",
        working_directory=str(settings.project),
    )
    with _importing_from(settings.project):
        target = pointer.load_target()
    assert isinstance(target, dg.Definitions)
    return target


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Import a project's packages from its own folder, whichever project this process knows by these names."""
    names = {path.parent.name for path in folder.glob("*/__init__.py")}

    def known() -> dict[str, ModuleType]:
        return {k: v for k, v in sys.modules.items() if k.partition(".")[0] in names}

    before = known()
    others = [k for k, v in before.items() if not Path(v.__file__ or "").is_relative_to(folder)]
    for name in others:
        del sys.modules[name]
    try:
        yield
    finally:
        for name in known() if others else ():
            del sys.modules[name]
        sys.modules.update(before)


def tags_of(run: RangeRun) -> dict[str, str]:
    """Return the Dagster tags that make a run cover its range."""
    keys = run.partitions.keys
    covered = {"dagster/partition": keys[0]}
    if len(keys) > 1:
        covered = {
            "dagster/asset_partition_range_start": keys[0],
            "dagster/asset_partition_range_end": keys[-1],
        }
    return {
        **covered,
        "dagster/priority": str(run.priority),
        "weir/tier": run.tier,
        RANGE_START: run.labels.start.isoformat(),
        RANGE_END: run.labels.end.isoformat(),
    }


def belonging(
    checks: Iterable[dg.AssetCheckKey], assets: Collection[dg.AssetKey]
) -> list[dg.AssetCheckKey]:
    """Return the checks that belong to a build of some assets: all but whether they are fresh."""
    return [key for key in checks if key.asset_key in assets and key.name != FRESH]


def building(definitions: dg.Definitions) -> dg.Definitions:
    """Return definitions whose runs build assets and do not look whether they are fresh."""
    kept = [
        one
        for one in definitions.asset_checks or ()
        if not any(spec.name == FRESH for spec in one.check_specs)
    ]
    return dg.Definitions(
        assets=definitions.assets,
        asset_checks=kept,
        resources=definitions.resources,
        executor=definitions.executor,
    )


class InProcessLauncher:
    """Runs range runs in this process, one after the other.

    Args:
        project: the project whose definitions are run.
        definitions: the code location; loaded from the project when not given.
        instance: the Dagster instance; the home's when not given.
    """

    def __init__(
        self,
        project: Project,
        definitions: dg.Definitions | None = None,
        instance: dg.DagsterInstance | None = None,
    ) -> None:
        self.project = project
        self._definitions, self._instance = definitions, instance

    @cached_property
    def instance(self) -> dg.DagsterInstance:
        """The Dagster instance."""
        return self._instance or open_instance(self.project.settings)

    @cached_property
    def _job(self) -> dg.JobDefinition:
        definitions = self._definitions or load_definitions(self.project)
        return building(definitions).resolve_job_def(_JOB)

    def launch(self, run: RangeRun) -> Outcome:
        """Run one range run to its end; raises as `start` does."""
        return self.start(run, {})

    def settle(self, tags: Mapping[str, str]) -> int:
        """Mark runs with these tags that died unfinished as failed; return how many.

        Only for tags of runs that nobody can be running now.
        """
        filters = dg.RunsFilter(tags=dict(tags), statuses=list(IN_PROGRESS_RUN_STATUSES))
        dead = self.instance.get_runs(filters)
        for run in dead:
            self.instance.report_run_failed(run, "The process that ran it ended before it did.")
        return len(dead)

    def start(self, run: RangeRun, tags: Mapping[str, str]) -> Outcome:
        """Run one range run to its end.

        Args:
            run: the run.
            tags: more tags for Dagster.

        Raises:
            RunFailed: with the first failure's message; the partitions stay as they were.
        """
        run_id = make_new_run_id()
        with audited(
            self.project.settings,
            "partitions.materialize",
            run=run_id,
            assets=run.assets,
            partitions=str(run.labels),
            missing=run.missing,
            stale=run.stale,
        ):
            return self._launch(run, run_id, tags)

    def _launch(self, run: RangeRun, run_id: str, tags: Mapping[str, str]) -> Outcome:
        started = perf_counter()
        result = self._job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(asset.split("/")) for asset in run.assets],
            tags={**tags_of(run), PROCESS: str(os.getpid()), **tags},
            run_id=run_id,
            run_config=_QUIET,
            raise_on_error=False,
        )
        if not result.success and _interrupted(result):
            raise KeyboardInterrupt
        if not result.success:
            raise RunFailed(
                f"{', '.join(run.assets)} {run.labels}: {_why(result)}",
                f"See run {result.run_id} in the Dagster UI; mend the cause and run `weir run` again.",
            )
        return Outcome(run, result.run_id, perf_counter() - started)

    def bring_up_to_date(
        self, on_start: Callable[[RangeRun], None] = lambda _: None, *, check: bool = False
    ) -> Iterator[Outcome]:
        """Run every wave until nothing more may be built; yield each run's outcome.

        Args:
            on_start: called before each run.
            check: also build again what holds other rows than the ledger says.

        Raises:
            RunFailed: at the first run that fails; what was built stays built.
        """
        picture = self.project.picture(check=check)
        for wave in waves_in(self.project.settings.env):
            for _ in range(_MAX_ROUNDS):
                runs = runs_of(picture, wave)
                if not runs:
                    break
                for run in runs:
                    on_start(run)
                    yield self.launch(run)
                picture = self.project.picture(check=check)

    def restate(
        self, wanted: Restatement, on_start: Callable[[RangeRun], None] = lambda _: None
    ) -> Iterator[Outcome]:
        """Build a fact and its layers again from a day on; yield each run's outcome.

        Raises:
            RunFailed: at the first run that fails; what was built stays built.
        """
        for wave in restate.WAVES:
            for run in wanted.runs(self.project.picture(), wave):
                on_start(run)
                yield self.launch(run)


def _interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Tell whether Ctrl-C ended the run: Dagster and DuckDB each have their own words for it."""
    told = [e.step_failure_data.error for e in result.all_events if e.is_step_failure]
    words = ("ExecutionInterruptedError", "KeyboardInterrupt", "Query interrupted", "INTERRUPT")
    return any(word in str(error) for error in told for word in words)


def _why(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            cause = error.cause if error and error.cause else error
            return cause.message.strip() if cause else "a step failed"
    return "the run failed"
