"""By what quarantined events are judged today: the project's event files and its producers' tokens."""

from __future__ import annotations

from datetime import datetime

from weir.collect.lastgood import load_rules
from weir.collect.producers import Producer
from weir.collect.quarantine.rejudging import ProducerOf, Rejudging, plain_producer
from weir.collect.tokens import FILE, Token, TokenFile
from weir.core.clock import utc_now
from weir.core.settings import Settings


def rejudging_of(settings: Settings, version: int | None = None) -> Rejudging:
    """Return what a project's collector would judge by now.

    Args:
        settings: the project's settings.
        version: judge every event by this version of its schema, None for its own.

    Raises:
        RegistryError: if an event file is wrong.
    """
    tokens = TokenFile(settings.home / FILE, utc_now).read()
    rules = load_rules(settings)
    return Rejudging(rules, settings.max_event_bytes, version, producers_of(tokens, utc_now()))


def producers_of(tokens: list[Token], now: datetime) -> ProducerOf:
    """Return how to find a producer as its newest active token has it.

    One without an active token is held to nothing more than the registry.
    """
    known: dict[tuple[str, str, str], Producer] = {}
    for token in sorted(tokens, key=lambda token: token.created_at):
        if token.state(now) == "active":
            known[token.producer, token.environment, token.channel] = token.stands_for()

    def producer_of(name: str, environment: str, channel: str) -> Producer:
        found = known.get((name, environment, channel))
        return found or plain_producer(name, environment, channel)

    return producer_of
