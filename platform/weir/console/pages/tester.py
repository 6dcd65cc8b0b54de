"""The live tester: what the collector would say to an event, and what it says when it is sent."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, SecretStr

from weir.audit import audited
from weir.collect.lastgood import rules_on
from weir.collect.ownership import live_url
from weir.collect.producers import Producer
from weir.collect.rules import Rules
from weir.collect.trying import Trial, send_event, try_event
from weir.console.context import Console
from weir.console.http.again import only_asks
from weir.console.http.who import Asked, Editor, Viewer, acting
from weir.console.pages.answers import Given, Violation
from weir.registry.model import Registry

router = APIRouter(prefix="/tester", tags=["tester"])
_LONGEST = 1_000_000  # characters of an event
_cached: list[tuple[Registry, date, Rules]] = []


class Standing(BaseModel):
    """Whether events can be sent from here."""

    collector: str | None = Field(
        description="Where the home's collector listens; null if none runs."
    )
    needs_token: bool
    has_token: bool = Field(description="Whether the console has a write token of its own.")
    seal_seconds: float = Field(description="How often what arrived is landed.")
    names: list[str] = Field(description="Registered events, by name.")


class Body(Given):
    """One event, as text."""

    text: str = Field(max_length=_LONGEST)


class Check(Body):
    """An event to look at."""

    strict: bool = Field(
        default=False, description="As a producer with a strict token would be held to it."
    )


class Sending(Body):
    """An event to send."""

    token: SecretStr = Field(SecretStr(""), description="A write token; it is not kept.")


class Refusal(BaseModel):
    """Why a whole request is refused."""

    code: str
    message: str
    remedy: str
    line: int | None = None
    column: int | None = None


class Verdict(BaseModel):
    """What would become of an event."""

    verdict: str = Field(description="accepted, flagged, quarantined, rejected or refused.")
    lane: str | None
    tier: str
    event: str | None
    version: int | None
    version_assumed: bool
    violations: list[Violation]
    stored: dict[str, Any] = Field(description="Columns that would be kept.")
    meant: str = Field(description="The registered name that an unknown one probably means.")
    like: list[str]
    refusal: Refusal | None


class Sent(BaseModel):
    """What the collector answered."""

    url: str
    status: int
    verdict: str = Field(description="As in `Verdict`; refused if the request was.")
    id: str | None
    event: str | None
    violations: list[Violation]
    refusal: Refusal | None
    answer: Any = Field(description="Its body.")


@router.get("")
def standing(console: Asked, _: Viewer) -> Standing:
    """Return whether a collector runs, and what it asks for."""
    settings = console.settings
    return Standing(
        collector=live_url(settings.spool_dir),
        needs_token=settings.collect_auth == "required",
        has_token=bool(settings.collect_token.get_secret_value()),
        seal_seconds=settings.seal_every_seconds,
        names=sorted(console.projects.current().registry.events),
    )


@router.post("/check")
@only_asks
def check(console: Asked, _: Viewer, given: Check) -> Verdict:
    """Judge an event as the collector would. Nothing is sent or kept."""
    producer = Producer("console", strict=given.strict)
    rules, settings = _rules(console), console.settings
    trial = try_event(given.text.encode(), rules, settings.max_event_bytes, console.now(), producer)
    return _told(trial)


@router.post("/send")
def send(request: Request, console: Asked, person: Editor, given: Sending) -> Sent:
    """Send an event to the home's collector, as an app would, and return what it answers."""
    body = given.text.encode()
    by, name = acting(request, person), _name(body)
    with audited(console.settings, "events.send", by=by, event=name) as entry:
        found = send_event(console.settings, body, given.token.get_secret_value().strip())
        answer = found.body if isinstance(found.body, dict) else {}
        result: dict[str, Any] = next(iter(answer.get("results", ())), {})
        verdict = result.get("verdict", "refused")
        entry.tell(status=found.status, verdict=verdict, sent_id=result.get("id", ""))
    error = answer.get("error")
    return Sent(
        url=found.url, status=found.status, verdict=verdict, id=result.get("id"), event=name,
        violations=[Violation(**one) for one in result.get("violations", ())],
        refusal=Refusal(**error) if error else None, answer=found.body,
    )  # fmt: skip


def _told(trial: Trial) -> Verdict:
    stored = dict(trial.stored)
    return Verdict(
        verdict=trial.verdict, lane=trial.lane, tier=trial.tier, event=stored.get("event_name"),
        version=stored.get("version"), version_assumed=bool(stored.get("version_assumed")),
        violations=[Violation(**one._asdict()) for one in trial.violations],
        stored=stored if trial.lane else {}, meant=trial.meant, like=list(trial.like),
        refusal=Refusal(**trial.refusal) if trial.refusal else None,
    )  # fmt: skip


def _rules(console: Console) -> Rules:
    """Return the rules of today, made once for a registry."""
    registry, day = console.projects.current().registry, console.now().date()
    for known, on, rules in _cached:
        if known is registry and on == day:
            return rules
    made = rules_on(registry, day)
    _cached[:] = [(registry, day, made)]
    return made


def _name(body: bytes) -> str | None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    name = found.get("name") if isinstance(found, dict) else None
    return name[:200] if isinstance(name, str) else None
