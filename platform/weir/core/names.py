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


def activation(fact: str, grain: str) -> str:
    """Return the model name of a fact's activation layer: `<fact>_activation_<grain>`."""
    return f"{fact}_activation_{grain}"
