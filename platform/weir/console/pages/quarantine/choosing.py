"""Which quarantined events: as an address says it, as a request does, and as the library has it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import Field

from weir.collect import quarantine
from weir.collect.quarantine import Wanted
from weir.console.pages.answers import Given
from weir.core.instants import instant

NONE = "-"
"""Stands for no name of an event, and no version of an app, in an address."""
LONGEST = 500
"""Characters of a filter."""

State = Literal["waiting", "replayed", "all"]
Name = Annotated[str, Query(max_length=LONGEST)]


@dataclass(frozen=True)
class Chosen:
    """Which quarantined events, as an address says it; '' is any."""

    event: str = ""
    rule: str = ""
    pointer: str = ""
    app: str = ""
    producer: str = ""
    since: str = ""
    until: str = ""
    state: State = "waiting"

    def wanted(self) -> Wanted:
        """Return it as the library has it."""
        return Wanted(
            rules=one_of(self.rule), events=one_of(self.event), producers=one_of(self.producer),
            since=instant("from", self.since), until=instant("to", self.until, end=True),
            replayed={"waiting": False, "replayed": True, "all": None}[self.state],
            pointers=one_of(self.pointer), apps=one_of(self.app),
        )  # fmt: skip


def chosen_of(
    event: Annotated[Name, Query(description="`-` for events without a name.")] = "",
    rule: Name = "",
    pointer: Annotated[Name, Query(description="`*` for a place in an array.")] = "",
    app: Annotated[Name, Query(description="Version of an app; `-` for none.")] = "",
    producer: Name = "",
    since: Annotated[
        Name, Query(alias="from", description="Day or instant (UTC) of landing.")
    ] = "",
    until: Annotated[Name, Query(alias="to", description="Before it; a day counts itself.")] = "",
    state: State = "waiting",
) -> Chosen:
    """Return the filters of an address."""
    return Chosen(event, rule, pointer, app, producer, since, until, state)


Choice = Annotated[Chosen, Depends(chosen_of)]


class Selection(Given):
    """Which events are judged again; '' is any. Those that were replayed are always left out."""

    event: str = Field("", max_length=LONGEST)
    rule: str = Field("", max_length=LONGEST)
    pointer: str = Field("", max_length=LONGEST)
    app: str = Field("", max_length=LONGEST)
    producer: str = Field("", max_length=LONGEST)
    since: str = Field("", alias="from", max_length=40)
    until: str = Field("", alias="to", max_length=40)
    ids: list[Annotated[str, Field(max_length=LONGEST)]] = Field([], max_length=100)
    version: int | None = Field(None, ge=1, description="Judge by this version, whatever was sent.")

    def wanted(self) -> Wanted:
        """Return it as the library has it."""
        fields = self.model_dump(exclude={"ids", "version"})
        found = replace(Chosen(**fields).wanted(), replayed=False)
        return quarantine.named(self.ids, found) if self.ids else found


def one_of(value: str) -> tuple[str, ...]:
    """Return a filter of one value; of none, if it is empty."""
    return ("" if value == NONE else value,) if value else ()
