"""Which commands write, and as what they are entered into the audit log: the one place for it.

`weir.cli.main` wraps every command of `WRITES` when it is loaded, so that a command needs no line of
its own. A new command goes into `READS` or `WRITES`; a test fails while it is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple


class Write(NamedTuple):
    """How a command is audited.

    Attributes:
        action: the action of `weir.audit.ACTIONS`.
        unless: parameters with which it only looks: a dry run, a check.
        only: parameters without any of which it only looks.
        own: the command opens the entry itself, on another home than the one it is given.
    """

    action: str
    unless: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    own: bool = False

    def writes(self, parameters: Mapping[str, Any]) -> bool:
        """Tell whether a call with these parameters writes."""
        if any(parameters.get(name) for name in self.unless):
            return False
        return not self.only or any(parameters.get(name) for name in self.only)


_DRY = ("dry_run",)
WRITES = {
    "activation add": Write("activation.add", unless=_DRY),
    "activation export": Write("activation.export"),
    "activation restate": Write("activation.restate", unless=("plan",)),
    "alerts send": Write("alerts.send"),
    "alerts test": Write("alerts.send"),
    "backup": Write("backup", unless=("verify",)),
    "collect": Write("collect.start", own=True),
    "collect restart": Write("collect.restart"),
    "demo": Write("demo", own=True),
    "env create": Write("env.create"),
    "env drop": Write("env.drop"),
    "env promote": Write("env.promote", unless=_DRY),
    "env prune": Write("env.drop", only=("yes",)),
    "env rollback": Write("env.rollback"),
    "events activate": Write("events.activate", unless=_DRY),
    "events archive": Write("events.archive", unless=_DRY),
    "events deprecate": Write("events.deprecate", unless=_DRY),
    "events export": Write("events.export", only=("out",)),
    "events generate": Write("events.generate", unless=("check_only",)),
    "events import": Write("events.import", unless=_DRY),
    "events new-version": Write("events.new_version"),
    "events review": Write("events.review"),
    "events save": Write("events.save", unless=_DRY),
    "events term add": Write("events.term"),
    "events types": Write("events.export", unless=("check",)),
    "import": Write("landing.import"),
    "ledger rebuild": Write("ledger.rebuild", unless=_DRY),
    "maintain": Write("maintain", unless=_DRY),
    "partitions reconcile": Write("partitions.reconcile", only=("apply",)),
    "people add": Write("people.add"),
    "people link": Write("people.token"),
    "people remove": Write("people.remove"),
    "people revoke": Write("people.revoke"),
    "people role": Write("people.role"),
    "people token": Write("people.token"),
    "plan apply": Write("plan.apply"),
    "plan backfill": Write("plan.make"),
    "plan cancel": Write("plan.cancel"),
    "plan recover": Write("plan.make"),
    "plan restate": Write("plan.make"),
    "quarantine replay": Write("quarantine.replay", unless=_DRY),
    "replay": Write("events.send", unless=_DRY),
    "restore": Write("restore", own=True),
    "run": Write("run", unless=("plan",)),
    "seal": Write("landing.seal"),
    "tokens create": Write("tokens.create"),
    "tokens revoke": Write("tokens.revoke"),
    "tokens rotate": Write("tokens.rotate"),
    "up": Write("up"),
}
"""Command → how it is audited."""

READS = frozenset((
    "activation bytes", "activation show", "activation status",
    "alerts check", "alerts list",
    "audit list", "audit show", "audit verify",
    "ci",
    "doctor",
    "env diff", "env list", "env log",
    "events check", "events diff", "events history", "events list", "events name", "events plan",
    "events readers", "events search", "events show", "events term list", "events volume",
    "init",  # there is no home yet whose log it could go to
    "ledger show", "lineage",
    "partitions check", "people list", "plan list", "plan show",
    "quarantine list", "quarantine show",
    "search", "sql", "stale", "status", "tokens list", "why",
))  # fmt: skip
"""Commands that change nothing of the platform."""


def wrap(command: Any, path: str) -> None:
    """Make a command, and those below it, enter what they do into the audit log.

    Args:
        command: the command or group, as Typer made it.
        path: its name, with those of the groups around it.
    """
    for name, member in getattr(command, "commands", {}).items():
        wrap(member, f"{path} {name}")
    write = WRITES.get(path)
    if write is None or write.own:
        return
    invoke = command.invoke

    def audited_invoke(ctx: Any) -> Any:
        if not write.writes(ctx.params):
            return invoke(ctx)
        audited = import_module("weir.audit").audited  # SQLAlchemy: not for `weir --help`
        settings = ctx.find_root().obj.settings
        with audited(settings, write.action, **_given(ctx.params)):
            return invoke(ctx)

    command.invoke = audited_invoke


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, without what is empty and without the choice of the output's form."""
    kept = {name: value for name, value in parameters.items() if name != "as_json"}
    return {_RENAMED.get(n, n): v for n, v in kept.items() if v not in (None, False, (), [], "")}


_RENAMED = {"by": "given_by", "run": "of_run", "request": "asked", "action": "on_action", "settings": "on_settings"}  # fmt: skip
"""Parameters that would be taken for `audited`'s own."""
