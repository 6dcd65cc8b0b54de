"""Reads a name as action, object, service: which token is meant for which slot, and as which term.

A token may stand in the wrong slot, be a synonym, a plural or mistyped; each costs something, and
the cheapest reading wins. What is said about it is `weir.registry.naming.suggest`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from weir.registry.dictionary import SLOTS, Dictionary
from weir.registry.words import closest, singular

EXACT, SYNONYM, PLURAL, NEAR, UNKNOWN, MISSING = (
    "exact", "synonym", "plural", "near", "unknown", "missing",
)  # fmt: skip
_COST = {EXACT: 0, SYNONYM: 1, PLURAL: 1, NEAR: 3, UNKNOWN: 7}
_OPEN = {"action": 12, "object": 12, "service": 9}  # what people leave out is the service
_MOVED = 1  # each pair of tokens that changes places: a tie is read as it was written
_MAX_TOKENS = 6


@dataclass(frozen=True)
class Reading:
    """How one slot is read.

    Args:
        slot: action, object or service.
        token: what was written for it; '' if nothing was.
        term: the term that is meant; the token itself if it is not known, '' if nothing was written.
        kind: exact, synonym, plural, near, unknown or missing.
    """

    slot: str
    token: str
    term: str
    kind: str

    @property
    def known(self) -> bool:
        """Whether the reading ends at a term of the dictionary."""
        return self.kind not in (UNKNOWN, MISSING)


@dataclass(frozen=True)
class Parsed:
    """A name, read.

    Args:
        slots: the three slots, in order.
        moved: whether tokens had to change places.
        left: tokens that fill no slot.
    """

    slots: tuple[Reading, ...]
    moved: bool
    left: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that is meant, with `…` for what is missing."""
        return "_".join(reading.term or "…" for reading in self.slots)

    @property
    def complete(self) -> bool:
        """Whether every slot ends at a term."""
        return all(reading.known for reading in self.slots)


def read(tokens: Sequence[str], dictionary: Dictionary) -> Parsed:
    """Return the likeliest reading of a name's tokens."""
    joined = _join(tokens, dictionary)
    given = joined[:_MAX_TOKENS]
    options = [[reading(token, slot, dictionary) for slot in SLOTS] for token in given]
    order = min(_orders(len(given)), key=lambda order: _cost(order, options))
    slots = tuple(
        Reading(slot, "", "", MISSING) if place is None else options[place][index]
        for index, (slot, place) in enumerate(zip(SLOTS, order, strict=True))
    )
    left = [token for place, token in enumerate(given) if place not in order]
    return Parsed(slots, _inversions(order) > 0, (*left, *joined[_MAX_TOKENS:]))


def reading(token: str, slot: str, dictionary: Dictionary) -> Reading:
    """Return what a token means in a slot."""
    terms = dictionary.of(slot)
    if token in terms:
        return Reading(slot, token, token, EXACT)
    one_word = token.replace("_", "")
    term = one_word if one_word in terms else dictionary.synonym(slot, token)
    if term is not None:
        return Reading(slot, token, term, SYNONYM)
    if (term := dictionary.plural(slot, singular(token))) is not None:
        return Reading(slot, token, term, PLURAL)
    near = closest(token, terms)
    return Reading(slot, token, near[0], NEAR) if near else Reading(slot, token, token, UNKNOWN)


def _join(tokens: Sequence[str], dictionary: Dictionary) -> list[str]:
    """Join neighbours that are one word of the dictionary, such as `log_in`."""
    joined: list[str] = []
    rest = list(tokens)
    while rest:
        size = next((n for n in (3, 2) if _is_word(rest[:n], n, dictionary)), 1)
        joined.append("_".join(rest[:size]) if size > 1 else rest[0])
        rest = rest[size:]
    return joined


def _is_word(tokens: Sequence[str], size: int, dictionary: Dictionary) -> bool:
    if len(tokens) < size or all(_known(token, dictionary) for token in tokens):
        return False
    return _known("_".join(tokens), dictionary)


def _known(word: str, dictionary: Dictionary) -> bool:
    one_word = word.replace("_", "")
    return any(one_word in dictionary.of(s) or dictionary.synonym(s, word) for s in SLOTS)


def _orders(count: int) -> Iterator[tuple[int | None, ...]]:
    """Yield for each way to fill the slots the place of each slot's token; as written first."""
    if count >= len(SLOTS):
        yield from permutations(range(count), len(SLOTS))
        return
    places: list[int | None] = [*range(count), *[None] * (len(SLOTS) - count)]
    yield from sorted(set(permutations(places)), key=_written_first)


def _written_first(order: tuple[int | None, ...]) -> list[tuple[bool, int]]:
    return [(place is None, place or 0) for place in order]


def _cost(order: tuple[int | None, ...], options: Sequence[Sequence[Reading]]) -> int:
    cost = _inversions(order) * _MOVED
    for index, place in enumerate(order):
        cost += _OPEN[SLOTS[index]] if place is None else _COST[options[place][index].kind]
    return cost


def _inversions(order: tuple[int | None, ...]) -> int:
    places = [place for place in order if place is not None]
    return sum(one > other for i, one in enumerate(places) for other in places[i + 1 :])
