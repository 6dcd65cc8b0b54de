"""What an alert is about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

Severity = Literal["warning", "error", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The mildest first."""

Kind = Literal["run_failed", "check_failed", "freshness_missed", "plan_failed", "test"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Problem:
    """Something that is wrong now.

    Attributes:
        kind: what sort of thing.
        asset: the asset that it is about, or the plan.
        check: the check that failed; empty if it is no check.
        cause: a short word for why; another cause is another problem.
        key: the partition, or a range of them; no part of the identity.
        owner: whose asset it is.
        severity: how grave.
        run: the Dagster run, if any.
        text: what is wrong, in words.
    """

    kind: Kind
    asset: str
    check: str = ""
    cause: str = ""
    key: str = ""
    owner: str = ""
    severity: Severity = "error"
    run: str = ""
    text: str = ""

    @property
    def id(self) -> str:
        """The identity: the same kind, asset, check and cause are one problem."""
        told = "\0".join((self.kind, self.asset, self.check, self.cause))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    @property
    def title(self) -> str:
        """What is wrong, in one line."""
        what = {
            "run_failed": "A run failed",
            "check_failed": f"Check {self.check} failed",
            "freshness_missed": "Not fresh",
            "plan_failed": "A plan failed",
            "test": "A test of this channel",
        }[self.kind]
        return f"{what}: {self.asset} {self.key}".rstrip()
