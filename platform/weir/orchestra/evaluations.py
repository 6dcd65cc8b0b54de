"""One check evaluation per partition key, in batches.

Dagster records a range run's checks with `partition=None` and leaves the rows of the partitions
planned for ever, so each key gets its own evaluation here. Above `MAX_KEYS` partitions only the failing
keys do, beside the one result of the whole range, which settles the rest: each takes 2–3 ms, in the
stock event log 15–30 ms.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

import dagster as dg
from dagster._core.events import (
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
)

MAX_KEYS = 400


def evaluations(
    asset: dg.AssetKey,
    check: str,
    keys: Sequence[str],
    failing: Mapping[str, str],
    *,
    blocking: bool = True,
) -> list[dg.AssetCheckEvaluation]:
    """Return the evaluations that one check of one run should log.

    Args:
        asset: the checked asset.
        check: the check's name.
        keys: every partition key of the run.
        failing: failing key → what was found there.
        blocking: whether a failure is an error.
    """
    severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
    return [
        dg.AssetCheckEvaluation(
            asset_key=asset,
            check_name=check,
            passed=key not in failing,
            severity=severity,
            partition=key,
            description=failing.get(key),
        )
        for key in (keys if len(keys) <= MAX_KEYS else sorted(failing))
    ]


def tell(
    context: dg.AssetExecutionContext,
    asset: dg.AssetKey,
    check: str,
    failing: Mapping[str, str],
    *,
    blocking: bool = True,
) -> dg.AssetCheckResult:
    """Log a check's evaluation of each partition of a range run; return the result to yield.

    The result is what Dagster gates downstream steps on; of a single partition it is all there is.
    """
    keys = list(context.partition_keys)
    if len(keys) > 1:
        log_evaluations(context, evaluations(asset, check, keys, failing, blocking=blocking))
    return dg.AssetCheckResult(
        passed=not failing,
        asset_key=asset,
        check_name=check,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{k}: {what}" for k, what in list(failing.items())[:3]) or None,
        metadata={"partitions": len(keys), "failing": len(failing)},
    )


def log_evaluations(
    context: dg.AssetExecutionContext, found: Iterable[dg.AssetCheckEvaluation]
) -> None:
    """Log evaluations as one batch: about 20 times cheaper than `context.log_event` for each.

    Uses two names that are internal to Dagster; tests/orchestra/test_evaluations.py holds them.
    """
    listed = list(found)
    if not listed:
        return
    batch = uuid4().hex
    step = context.op_execution_context.get_step_execution_context()
    for number, evaluation in enumerate(listed, start=1):
        DagsterEvent.from_step(
            event_type=DagsterEventType.ASSET_CHECK_EVALUATION,
            step_context=step,
            event_specific_data=evaluation,
            message=f"{evaluation.check_name} {evaluation.partition or ''}".strip(),
            batch_metadata=DagsterEventBatchMetadata(batch, number == len(listed)),
        )
