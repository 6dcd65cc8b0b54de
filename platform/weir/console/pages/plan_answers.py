"""Plans and how far they got, as answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from weir.console.pages.answers import utc
from weir.lineage.recovery import plans as library
from weir.lineage.recovery.journal import Event, Journal, Line
from weir.orchestra.applying import attempt

_LINES = 300  # of a journal, the newest
_WHY = 10  # reasons of a failure

Standing = Literal["made", "unfinished", "cancelled", "failed", "done"]


class Estimate(BaseModel):
    """What earlier runs say that it takes; null where none is known."""

    partitions: int
    rows: int | None
    bytes: int | None
    p50: float | None = Field(description="Seconds that half of such runs stay within.")
    p90: float | None


class Step(BaseModel):
    """One run of a plan over a range."""

    number: int
    wave: str
    assets: list[str]
    partitions: str
    certain: int
    conditional: int = Field(
        description="Partitions that are built only if what they read changed."
    )
    causes: list[str]
    estimate: Estimate


class Counted(BaseModel):
    """How many of something."""

    name: str
    count: int


class Happened(BaseModel):
    """One line of a plan's journal."""

    at: datetime
    event: str
    step: int = Field(description="Number of the step; 0 for the plan as a whole.")
    assets: list[str]
    partitions: str
    run: str
    seconds: float | None
    text: str


class Going(BaseModel):
    """The run that is going."""

    step: int
    assets: list[str]
    partitions: str
    since: datetime


class Progress(BaseModel):
    """How far a plan got."""

    standing: Standing
    running: bool = Field(description="Whether a process carries it out now, or is about to.")
    began_at: datetime | None
    ended_at: datetime | None
    done: list[int] = Field(description="Numbers of the steps that are done.")
    stopped: list[int] = Field(description="Numbers of the steps whose run did not end well.")
    seconds: dict[int, float] = Field(description="Seconds of each step's runs.")
    going: Going | None
    why: list[str] = Field(description="Why it failed.")
    words: str = Field(
        description="Last words of its process, if that ended and the plan is not done."
    )
    lines: int = Field(
        description="Of its journal: more than before means that something happened."
    )


class PlanRow(BaseModel):
    """A plan in the history."""

    id: str
    kind: library.PlanKind
    made_at: datetime
    assets: list[str] = Field(description="What it is about; empty for everything.")
    since: str = Field(description="The first partition's label, '' for no bound.")
    until: str = Field(description="The first label after the range, '' for no bound.")
    standing: Standing
    running: bool
    steps: int
    done: int
    estimate: Estimate
    took: float | None = Field(description="Seconds of its runs; null if none ended yet.")


class PlanPage(PlanRow):
    """A plan's page."""

    digest: str
    level: str = Field(description="How closely files were looked at; '' for not at all.")
    downstream: bool
    rebuild: bool
    faults: list[Counted] = Field(description="Partitions by what is wrong with them.")
    beyond: list[str] = Field(description="What no run mends.")
    untouched: list[Counted] = Field(description="Built partitions that it leaves alone, by asset.")
    steps_of: list[Step]
    progress: Progress
    journal: list[Happened] = Field(description="The newest lines, oldest first.")


def row_of(journal: Journal) -> PlanRow:
    """Return a plan as a row of the history."""
    return PlanRow(**_row(journal))


def page_of(journal: Journal) -> PlanPage:
    """Return all of a plan."""
    plan = journal.plan
    return PlanPage(
        **_row(journal),
        digest=plan.digest,
        level=plan.wanted.level,
        downstream=plan.wanted.downstream,
        rebuild=plan.wanted.rebuild,
        faults=[Counted(name=cause.value, count=n) for cause, n in plan.faults.items()],
        beyond=list(plan.beyond),
        untouched=[Counted(name=asset, count=n) for asset, n in plan.untouched.items()],
        steps_of=[_step(step) for step in plan.steps],
        progress=progress_of(journal),
        journal=[_happened(line) for line in journal.lines()[-_LINES:]],
    )


def progress_of(journal: Journal) -> Progress:
    """Return how far a plan got."""
    lines, now = journal.lines(), attempt(journal)
    ends = [line for line in lines if line.event in (Event.ENDED, Event.FAILED, Event.CANCEL)]
    failed = next((line for line in reversed(lines) if line.event is Event.FAILED), None)
    return Progress(
        standing=journal.standing.value,
        running=now.running,
        began_at=utc(journal.began.at) if journal.began else None,
        ended_at=utc(ends[-1].at) if ends and not now.running else None,
        done=sorted(journal.done),
        stopped=[] if now.running else _stopped(lines),
        seconds=journal.seconds,
        going=_going(lines) if now.running else None,
        why=[str(one) for one in failed.body.get("why", ())][:_WHY]
        if failed and journal.standing.value == "failed"
        else [],
        words=now.words,
        lines=len(lines),
    )


def _row(journal: Journal) -> dict[str, object]:
    plan, wanted = journal.plan, journal.plan.wanted
    return {
        "id": plan.id,
        "kind": wanted.kind,
        "made_at": utc(plan.made_at),
        "assets": list(wanted.assets),
        "since": _label(wanted.since),
        "until": _label(wanted.until),
        "standing": journal.standing.value,
        "running": attempt(journal).running,
        "steps": len(plan.steps),
        "done": len(journal.done),
        "estimate": asdict(plan.estimate),
        "took": sum(journal.seconds.values()) or None,
    }


def _label(at: datetime | None) -> str:
    """Return a label as people write it: hours only where there are some.

    >>> _label(datetime(2026, 1, 5)), _label(datetime(2026, 1, 5, 3)), _label(None)
    ('2026-01-05', '2026-01-05 03:00', '')
    """
    return f"{at:%Y-%m-%d %H:%M}".removesuffix(" 00:00") if at else ""


def _step(step: library.Step) -> Step:
    return Step(
        number=step.number, wave=step.wave, assets=list(step.assets), partitions=str(step.labels),
        certain=step.certain, conditional=step.conditional, causes=list(step.causes),
        estimate=Estimate(**asdict(step.estimate)),
    )  # fmt: skip


def _stopped(lines: list[Line]) -> list[int]:
    """Return the steps that started a run in the newest attempt, which did not end well."""
    open_: dict[int, int] = {}
    for line in lines:
        if line.event is Event.BEGAN:
            open_ = {}
        if line.event in (Event.STARTED, Event.DONE):
            change = 1 if line.event is Event.STARTED else -1
            open_[line.step] = open_.get(line.step, 0) + change
    return [step for step, runs in open_.items() if runs > 0]


def _going(lines: list[Line]) -> Going | None:
    last = lines[-1] if lines else None
    if last is None or last.event is not Event.STARTED:
        return None
    return Going(
        step=last.step, assets=list(last.body["assets"]), partitions=last.body["partitions"],
        since=utc(last.at),
    )  # fmt: skip


def _happened(line: Line) -> Happened:
    told = line.body.get("why") or line.body.get("files") or ()
    return Happened(
        at=utc(line.at),
        event=line.event.value,
        step=line.step,
        assets=list(line.body.get("assets", ())),
        partitions=line.body.get("partitions", ""),
        run=line.body.get("run", ""),
        seconds=line.body.get("seconds"),
        text="\n".join(str(one) for one in told),
    )
