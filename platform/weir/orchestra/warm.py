"""dbt inside this process, started from a kept manifest: one model in 0.3 s instead of 10 s.

dbt runs in a thread; its results come through a queue while it works. Nothing of Dagster here.
"""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
from dbt.adapters.factory import cleanup_connections, reset_adapters
from dbt.cli.main import dbtRunner, dbtRunnerResult

from weir.core.errors import RunFailed
from weir.core.grains import Range
from weir.core.settings import Settings
from weir.engines.embedded.dbt_plugin import attach_first, set_run_context
from weir.engines.embedded.lake import PRODUCTION, Lake
from weir.orchestra.configured import Configuration
from weir.orchestra.manifest import Parsed, arguments, environment
from weir.orchestra.slices import Slices

_RESULTS = {"LogModelResult", "LogTestResult"}
_GOOD = {"success", "ok", "pass"}


@dataclass(frozen=True)
class NodeResult:
    """What dbt said about one model or test."""

    unique_id: str
    status: str
    seconds: float
    message: str = ""
    failures: int = 0
    sql: str = ""

    @property
    def passed(self) -> bool:
        """True if the model was built or the test found nothing."""
        return self.status in _GOOD


@dataclass
class Invocation:
    """One `dbt build` over a range.

    Attributes:
        models: names of the models to build; their tests run with them.
        labels: the half-open range that the models replace.
        run: id of the Dagster run, '' by hand.
        inputs: asset → partition key → digest of what it is built from.
        vectors: asset → `reads` and `spans` of its ledger entry.
        beside: asset → statements that are run in the transaction that writes it.
        codes: asset → version of its code, for its ledger entry.
    """

    models: Sequence[str]
    labels: Range
    run: str = ""
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    vectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)


class WarmDbt:
    """Runs dbt from a parsed project.

    Args:
        settings: where the project and the lake are.
        parsed: the parsed project.
    """

    _one_at_a_time = threading.Lock()  # dbt keeps its adapter and flags in module globals

    def __init__(self, settings: Settings, parsed: Parsed) -> None:
        self.settings = settings
        self.parsed = parsed
        self._slices, self._configuration = Slices(parsed), Configuration()

    def build(self, invocation: Invocation) -> Iterator[NodeResult]:
        """Build models and run their tests; yield each result as it comes.

        The connections are closed when the iteration ends, whatever its end.

        Raises:
            RunFailed: if dbt itself broke down (a failed model or test is a result, no error).
        """
        context = {
            "run": invocation.run,
            "inputs": invocation.inputs,
            "vectors": invocation.vectors,
            "beside": invocation.beside,
            "codes": invocation.codes,
            "engine": f"duckdb {duckdb.__version__}",
        }
        with self._alone(context):
            yield from self._stream(self._arguments(invocation), invocation.models)

    def compile(self, select: Sequence[str], labels: Range) -> dict[str, str]:
        """Return the SQL of models or tests over a range, by dbt's unique id.

        Nothing is read or written.

        Args:
            select: what to compile, in dbt's selection syntax.
            labels: the range.

        Raises:
            RunFailed: if dbt cannot compile it; the message is dbt's.
        """
        flags = ("--threads", "1", "--no-introspect", "--no-populate-cache")
        only = ("--indirect-selection", "empty")  # not also the tests of what is selected
        args = ["compile", *arguments(self.settings), *flags, *only, "--select", *select]
        with self._alone({}):
            # no option of `compile`, but macros read the range wherever it came from
            done = dbtRunner(manifest=self.parsed.manifest()).invoke(
                args, event_time_start=labels.start, event_time_end=labels.end
            )
        if done.exception is not None or not done.success:
            raise RunFailed(f"dbt cannot compile: {done.exception}", "Read the message above.")
        results = getattr(done.result, "results", [])
        return {r.node.unique_id: str(r.node.compiled_code) for r in results}

    def inline(self, text: str) -> str:
        """Return the SQL of a piece of a model's text, a macro call for example.

        What it refers to must be there: macros may look into the lake.

        Raises:
            RunFailed: if dbt cannot compile it; the message is dbt's.
        """
        args = ["compile", *arguments(self.settings), "--threads", "1", "--inline", text]
        with self._alone({}):
            done = dbtRunner(manifest=self.parsed.manifest()).invoke(args)
        results = getattr(done.result, "results", [])
        if done.exception is not None or not done.success or not results:
            raise RunFailed(f"dbt cannot compile: {done.exception}", "Read the message above.")
        return str(results[-1].node.compiled_code)

    @contextmanager
    def _alone(self, context: Mapping[str, Any]) -> Iterator[None]:
        """Hold dbt for one invocation; close its connections afterwards."""
        with self._one_at_a_time:
            environment(self.settings)
            production = Lake(self.settings).production
            attach_first(
                production.attach_statement(read_only=True, name=PRODUCTION) if production else ""
            )
            set_run_context(context)
            try:
                yield
            finally:
                set_run_context({})
                cleanup_connections()  # type: ignore[no-untyped-call]
                reset_adapters()  # type: ignore[no-untyped-call]

    def _arguments(self, invocation: Invocation) -> list[str]:
        form = "%Y-%m-%dT%H:%M:%S"
        return [
            *("build", *arguments(self.settings), "--threads", "1"),
            *("--event-time-start", invocation.labels.start.strftime(form)),
            *("--event-time-end", invocation.labels.end.strftime(form)),
            *("--exclude-resource-type", "unit_test"),  # those are for CI, on rows of their own
            *("--select", *invocation.models),
        ]

    def _stream(self, args: list[str], models: Sequence[str]) -> Iterator[NodeResult]:
        results: queue.SimpleQueue[NodeResult | dbtRunnerResult | BaseException] = (
            queue.SimpleQueue()
        )

        def on_event(event: Any) -> None:
            if event.info.name in _RESULTS:
                results.put(_result(event))

        def work() -> None:
            try:
                runner = dbtRunner(manifest=self._slices.of(models), callbacks=[on_event])
                with self._configuration.kept():
                    results.put(runner.invoke(args))
            except BaseException as error:  # noqa: BLE001 - handed to the waiting thread
                results.put(error)

        thread = threading.Thread(target=work, name="dbt", daemon=True)
        thread.start()
        try:
            yield from self._drain(results)
        finally:
            thread.join()

    @staticmethod
    def _drain(
        results: "queue.SimpleQueue[NodeResult | dbtRunnerResult | BaseException]",
    ) -> Iterator[NodeResult]:
        failing: list[NodeResult] = []
        while True:
            item = results.get()
            if isinstance(item, NodeResult):
                if item.passed:
                    yield item
                else:
                    failing.append(item)
                continue
            if isinstance(item, BaseException):
                raise item
            if item.exception is not None:
                raise RunFailed(f"dbt stopped: {item.exception}", "Read the message above.")
            yield from _with_sql(failing, item)
            return


def _result(event: Any) -> NodeResult:
    data = event.data
    return NodeResult(
        unique_id=data.node_info.unique_id,
        status=str(data.status).split(" ")[0].lower(),
        seconds=float(data.execution_time),
        failures=int(getattr(data, "num_failures", 0) or 0),
    )


def _with_sql(failing: list[NodeResult], outcome: dbtRunnerResult) -> Iterator[NodeResult]:
    """Yield what failed with dbt's message and its compiled SQL, which only the end result has."""
    found = {r.node.unique_id: r for r in getattr(outcome.result, "results", [])}
    for result in failing:
        whole = found.get(result.unique_id)
        yield NodeResult(
            result.unique_id,
            result.status,
            result.seconds,
            str(whole.message) if whole and whole.message else "",
            result.failures,
            str(getattr(whole.node, "compiled_code", "") or "") if whole else "",
        )
