"""What became of facts and layers during some runs of this process."""

from collections import defaultdict
from collections.abc import Iterable

from weir.lineage.plan import Outcome
from weir.lineage.rewritten import STAGES, Rewritten, State, compare_all
from weir.orchestra.project import Project


def state_of(project: Project) -> State:
    """Return how every partition of facts and layers is built now, in the data's order."""
    with project.history.reading():
        project.ledger.sync(project.history)
    return {n.asset: project.ledger.built(n.asset) for n in project.nodes if n.stage in STAGES}


def rewritten(project: Project, before: State, outcomes: Iterable[Outcome]) -> list[Rewritten]:
    """Return what runs did to the facts and layers, in the data's order.

    Args:
        project: whose.
        before: what `state_of` returned before the runs.
        outcomes: the runs.
    """
    built: dict[str, set[str]] = defaultdict(set)
    for outcome in outcomes:
        for asset in outcome.run.assets:
            if asset in before:
                built[asset].update(outcome.run.labels.keys)
    return compare_all(built, before, state_of(project))
