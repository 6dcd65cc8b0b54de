"""Keeps what a run's checks found in the ledger and in the lake, from where a ledger is rebuilt."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weir.core.grains import Grain, Range, parse, shift
from weir.engines.verdicts import Report
from weir.lineage.ledger import Verdict
from weir.orchestra.project import Project


def reports(
    run: str,
    verdicts: Iterable[Verdict],
    keys: Sequence[str],
    grain: Grain,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Report]:
    """Return one report per asset of what a run's checks said.

    Args:
        run: Dagster's run id.
        verdicts: what they said; every check of every key.
        keys: the run's partition keys, in order.
        grain: their grain.
        more: asset → what else its report says (`seen`, `partitions`); such an asset has a report even
            without a check.
    """
    checks: dict[str, dict[str, Any]] = defaultdict(dict)
    for asset in more or {}:
        checks[asset] = {}
    for said in verdicts:
        one = checks[said.asset].setdefault(said.check, {"blocking": said.blocking, "failing": {}})
        if not said.passed:
            one["failing"][said.key] = said.detail
    gaps = {} if _whole(keys, grain) else {"keys": list(keys)}
    return [
        Report(
            run,
            asset,
            str(grain),
            keys[0],
            keys[-1],
            {"checks": found, **gaps, **(more or {}).get(asset, {})},
        )
        for asset, found in checks.items()
    ]


def _whole(keys: Sequence[str], grain: Grain) -> bool:
    """Tell whether keys are all from the first to the last."""
    end = shift(parse(keys[-1], grain), grain, 1)
    return Range(parse(keys[0], grain), end, grain).keys == list(keys)


def keep(project: Project, found: Iterable[Report]) -> None:
    """Write reports into the lake; without a lake there is nothing that they could be about."""
    if project.lake.exists:
        project.verdicts.write(found)
