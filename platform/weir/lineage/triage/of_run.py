"""Why a run failed, waits, or built nothing; and what of its partitions is still not as it should be. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from weir.lineage.graph.closure import needed
from weir.lineage.triage import hindrances
from weir.lineage.triage.calendar import Placed
from weir.lineage.triage.case import Case
from weir.lineage.triage.diagnose import joined, of_partitions
from weir.lineage.triage.diagnosis import Diagnosis, Finding
from weir.lineage.triage.facts import Facts, Run


def of_run(facts: Facts, run: Run) -> Diagnosis:
    """Return why a run ended as it did, with what is wrong in all that it was to build from.

    Args:
        facts: what is known.
        run: the run, with its error.
    """
    case = Case(facts)
    covered = {asset: _covered(case, run, asset) for asset in sorted(run.assets)}
    wrong = {
        a: {at for at in labels if at in case.faults.get(a, {})} for a, labels in covered.items()
    }
    placed = [*_own(case, run, wrong, covered), *of_partitions(case, needed(case.graph, covered))]
    notes = []
    if run.state in ("failure", "canceled") and not any(wrong.values()):
        notes.append("All that it was to build is built by now.")
    if run.state == "running" and run.alive is not False:
        notes.append("It is running.")
    return Diagnosis(
        f"run {run.id}", "", joined(case, placed), notes, facts.checked, facts.not_checked
    )


def _own(
    case: Case, run: Run, wrong: dict[str, set[datetime]], covered: dict[str, set[datetime]]
) -> Iterator[Placed]:
    """Yield the run's own end for what it left wrong, or for all that it was for."""
    left = {asset: labels for asset, labels in wrong.items() if labels} or covered
    finding = _why(case, run)
    if finding is not None:
        for asset, labels in left.items():
            for at in sorted(labels):
                yield asset, at, finding


def _why(case: Case, run: Run) -> Finding | None:
    if run.state in ("failure", "canceled") or run.alive is False:
        return hindrances.run_failed(run)
    if run.state == "queued":
        return hindrances.daemon_down(case, hindrances.QUEUE) or hindrances.queued(case, run)
    return None


def _covered(case: Case, run: Run, asset: str) -> set[datetime]:
    return {at for at in case.graph.labels.get(asset, ()) if run.covers(asset, at)}
