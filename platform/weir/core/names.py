"""The naming rules of events, parameters, facts and activation models. Pure: no I/O.

Which terms an event name may use (the dictionaries) is the registry's business, not this module's.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from weir.core.errors import NameRejected

_SLOT = r"[a-z][a-z0-9]*"
_EVENT = re.compile(rf"^({_SLOT})_({_SLOT})_({_SLOT})$")
_PARAMETER = re.compile(rf"^{_SLOT}(?:_[a-z0-9]+)*$")
RESERVED = ("user_id", "device_id")
MAX_NAME = 100  # characters; BigQuery allows 300 for a column, file systems 255 for a name


class EventName(NamedTuple):
    """The three slots of an event name."""

    action: str
    object: str
    service: str

    def __str__(self) -> str:
        """Return `action_object_service`."""
        return "_".join(self)


def event_name(name: str) -> EventName:
    """Split an event name into action, object and service.

    >>> event_name("click_item_home").service
    'home'

    Raises:
        NameRejected: if it is not exactly three lower-case tokens.
    """
    match = _EVENT.fullmatch(name)
    if not match or len(name) > MAX_NAME:
        rule = "an event is named `action_object_service`, three lower-case tokens"
        raise NameRejected(name, rule, "Name it like `click_item_home`.")
    return EventName(*match.groups())


def check_parameter(name: str) -> None:
    """Check a parameter name: snake_case and not reserved.

    Raises:
        NameRejected: if it is reserved or in another form.
    """
    if _is_reserved(name):
        rule = "`event_*`, `user_id`, `device_id` and `_*` are reserved for the event itself"
        raise NameRejected(name, rule, "Choose a name for what the parameter means.")
    if not _is_snake(name):
        near = snake_case(name)
        fits = _is_snake(near) and not _is_reserved(near)
        remedy = f"Try `{near}`." if fits else "Name it like `item_price`."
        raise NameRejected(name, "a parameter is in snake_case", remedy)


def _is_reserved(name: str) -> bool:
    return name in RESERVED or name.startswith(("event_", "_"))


def _is_snake(name: str) -> bool:
    return bool(_PARAMETER.fullmatch(name)) and len(name) <= MAX_NAME


def snake_case(name: str) -> str:
    """Return the nearest snake_case form of a name.

    >>> snake_case("itemID"), snake_case("Top Dirs")
    ('item_id', 'top_dirs')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name)
    return re.sub(r"_+", "_", spaced).strip("_").lower()


class Layer(NamedTuple):
    """What the name of an activation model says.

    Attributes:
        fact: the fact's model name.
        grain: daily, weekly or monthly.
        part: checkpoint, activation, summary, returns or spans.
    """

    fact: str
    grain: str
    part: str

    def __str__(self) -> str:
        """Return the model's name."""
        word = "firstlast" if self.part == "checkpoint" else "activation"
        suffix = "" if self.part in ("checkpoint", "activation") else f"_{self.part}"
        return f"{self.fact}_{word}_{self.grain}{suffix}"


LAYER_GRAINS = ("daily", "weekly", "monthly")
LAYER_PARTS = ("checkpoint", "activation", "summary", "returns", "spans")
_LAYER = re.compile(
    rf"^(.+)_(firstlast|activation)_({'|'.join(LAYER_GRAINS)})(?:_(summary|returns|spans))?$"
)


def layer_of(name: str) -> Layer | None:
    """Read the name of an activation model; None if it is none.

    >>> layer_of("users_purchased_item_activation_weekly_summary")
    Layer(fact='users_purchased_item', grain='weekly', part='summary')
    """
    match = _LAYER.match(name)
    if match is None:
        return None
    fact, word, grain, suffix = match.groups()
    if word == "firstlast":
        return None if suffix else Layer(fact, grain, "checkpoint")
    return Layer(fact, grain, suffix or "activation")
