"""What may not be merged: a closed list of rules, each with a default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weir.core.errors import UsageError
from weir.lineage.nodes import STAGES
from weir.lineage.review.changed import Changed
from weir.lineage.review.report import Report


class Policy(BaseModel):
    """The rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    breaking: tuple[str, ...] = Field(
        ("fact", "activation"), description="Stages in which a breaking change fails."
    )
    allow: tuple[str, ...] = Field(
        (), description="Assets, or patterns such as `fact/test_*`, whose breaking changes pass."
    )
    not_compiled: bool = Field(default=True, description="A model that does not compile fails.")
    unresolved: bool = Field(
        default=True,
        description="A column that cannot be followed, and could be at the base, fails.",
    )
    max_partitions: int | None = Field(
        None, ge=0, description="Most partitions that may have to be built again."
    )
    max_seconds: float | None = Field(
        None, ge=0, description="Most seconds (the p90) that this may take."
    )
    compared: bool = Field(default=False, description="A change whose data was not compared fails.")

    @classmethod
    def read(cls, body: Any, place: str) -> Policy:
        """Return the policy that a file says.

        Args:
            body: what the file holds.
            place: what it is called in errors.

        Raises:
            UsageError: if it is none.
        """
        if not isinstance(body or {}, Mapping):
            raise UsageError(f"{place} is no list of rules.", f"It may have: {_known()}.")
        try:
            found = cls.model_validate(body or {})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise UsageError(
                f"{place}: the rule `{name}` is wrong: {first['msg']}.", f"It may have: {_known()}."
            ) from None
        unknown = [stage for stage in found.breaking if stage not in STAGES]
        if unknown:
            what = f"{place}: the rule `breaking` names `{unknown[0]}`, which is no stage."
            raise UsageError(what, f"Stages: {', '.join(STAGES)}.")
        return found


@dataclass(frozen=True)
class Violation:
    """One rule that a change breaks.

    Attributes:
        rule: its name in the policy.
        asset: what breaks it; '' for all together.
        what: how.
        remedy: what to do.
    """

    rule: str
    asset: str
    what: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return dict(vars(self))


def violations(report: Report, policy: Policy, *, allow_breaking: bool = False) -> list[Violation]:
    """Return the rules that a change breaks.

    Args:
        report: what the change does.
        policy: the rules.
        allow_breaking: somebody said that breaking changes are meant.
    """
    found = list(_failed(report, policy))
    if not allow_breaking:
        found += [_breaking(one) for one in report.changed if _forbidden(one, policy)]
    return [*found, *_costly(report, policy), *_not_compared(report, policy)]


def _forbidden(one: Changed, policy: Policy) -> bool:
    return (
        one.breaks
        and one.asset.split("/")[0] in policy.breaking
        and not any(fnmatchcase(one.asset, pattern) for pattern in policy.allow)
    )


def _breaking(one: Changed) -> Violation:
    asked = f"Ask {one.owner}" if one.owner else "Ask who reads it"
    remedy = f"{asked}; then give --allow-breaking, or name it under `allow` in the policy."
    return Violation("breaking", one.asset, one.change.sentences()[0], remedy)


def _failed(report: Report, policy: Policy) -> Iterator[Violation]:
    if policy.not_compiled:
        for asset, why in report.failed.items():
            yield Violation("not_compiled", asset, why, "Mend the model.")
    if policy.unresolved:
        for (asset, column), why in report.unresolved.items():
            name = f"{asset}.{column}" if column else asset
            remedy = "Name the columns and their tables in its SQL."
            yield Violation("unresolved", name, why, remedy)


def _costly(report: Report, policy: Policy) -> Iterator[Violation]:
    cost, remedy = report.cost, "Make the change additive, or raise the limit in the policy."
    if cost is None:
        return
    if policy.max_partitions is not None and cost.partitions > policy.max_partitions:
        what = (
            f"{cost.partitions:,} partitions are to be built, more than {policy.max_partitions:,}."
        )
        yield Violation("max_partitions", "", what, remedy)
    if policy.max_seconds is not None and cost.p90 is not None and cost.p90 > policy.max_seconds:
        what = f"Building takes {cost.p90:,.0f} s (p90), more than {policy.max_seconds:,.0f} s."
        yield Violation("max_seconds", "", what, remedy)


def _not_compared(report: Report, policy: Policy) -> Iterator[Violation]:
    if policy.compared and report.changed and report.data is None:
        yield Violation("compared", "", report.data_note, "Run it with a home that has data.")


def _known() -> str:
    return ", ".join(Policy.model_fields)
