"""Near-duplicates: two event names that a reader takes for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import NamedTuple

from weir.registry.dictionary import SLOTS, Dictionary
from weir.registry.words import singular, within_one, words

_LETTERS = "almost the same letters"
_TELLING = 5  # two terms of the dictionary are only taken for each other from so many letters on

Tokens = tuple[str, str, str]


class Duplicate(NamedTuple):
    """An event whose name says the same as another name, and why."""

    name: str
    other: str
    why: str


class Names:
    """The names of existing events, arranged so that their near-duplicates are found at once."""

    def __init__(self, names: Iterable[str], dictionary: Dictionary) -> None:
        self.names = frozenset(names)
        self._dictionary = dictionary
        self._meanings: dict[Tokens, list[str]] = {}
        self._tokens: tuple[set[str], ...] = tuple(set() for _ in SLOTS)
        for name in sorted(self.names):
            if (tokens := _three(name)) is not None:
                self._meanings.setdefault(self._meaning(tokens), []).append(name)
                for known, token in zip(self._tokens, tokens, strict=True):
                    known.add(token)

    def like(self, name: str) -> Duplicate | None:
        """Return the existing event that a name is a near-duplicate of; None for its own name.

        >>> Names(["click_item_home"], Dictionary()).like("item_clicks_home").why
        'the same words in another order'
        """
        return None if name in self.names else next(self._all(name), None)

    def pairs(self) -> list[Duplicate]:
        """Return the near-duplicates among the names themselves, each pair once."""
        return [
            twin for name in sorted(self.names) for twin in self._all(name) if name < twin.other
        ]

    def _all(self, name: str) -> Iterator[Duplicate]:
        tokens = _three(name)
        if tokens is None:
            return
        same = self._meanings.get(self._meaning(tokens), [])
        yield from (
            Duplicate(name, other, self.why(name, other)) for other in same if other != name
        )
        for other in self._near(tokens):
            if other != name and other not in same:
                yield Duplicate(name, other, _LETTERS)

    def _meaning(self, tokens: Tokens) -> Tokens:
        said = (self._said(slot, token) for slot, token in zip(SLOTS, tokens, strict=True))
        first, second, third = sorted(singular(word) for word in said)
        return first, second, third

    def _said(self, slot: str, token: str) -> str:
        """Return the term that a token says, in its own slot or in any."""
        if token in self._dictionary.of(slot):
            return token
        terms = (self._dictionary.synonym(s, token) for s in (slot, *SLOTS))
        return next((term for term in terms if term), token)

    def why(self, name: str, other: str) -> str:
        """Return in words why two names are taken for each other."""
        if len(words(name)) > len(SLOTS):
            return "the same words and more"
        mine, theirs = ([singular(w) for w in words(n)] for n in (name, other))
        if mine == theirs:
            return "singular and plural" if words(name) != words(other) else "another spelling"
        if sorted(mine) == sorted(theirs):
            return "the same words in another order"
        said = [self._said(slot, word) for slot, word in zip(SLOTS, words(name), strict=False)]
        return "a synonym" if sorted(map(singular, said)) == sorted(theirs) else _LETTERS

    def _near(self, tokens: Tokens) -> list[str]:
        options = [
            [other for other in known if self._alike(slot, token, other)]
            for slot, known, token in zip(SLOTS, self._tokens, tokens, strict=True)
        ]
        found = ("_".join(choice) for choice in product(*options))
        return sorted(name for name in found if name in self.names)

    def _alike(self, slot: str, one: str, other: str) -> bool:
        if one == other:
            return True
        if not within_one(one, other):
            return False
        terms = self._dictionary.of(slot)
        both = one in terms and other in terms
        return not both or min(len(one), len(other)) >= _TELLING


def _three(name: str) -> Tokens | None:
    tokens = name.split("_")
    return (tokens[0], tokens[1], tokens[2]) if len(tokens) == len(SLOTS) else None
