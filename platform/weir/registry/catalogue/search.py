"""Finds events by words: names, descriptions, owners, domains, parameters, and the dictionary's terms.

A registry is a few thousand short texts in memory, so the index is a sorted list of their words. A
word of the query finds what equals it, begins with it (search as you type), contains it (compounds,
and scripts that join words), or is one slip away. Every word must be found; where decides the rank.
What is in the *events* is searched by `weir search`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log

from weir.registry.dictionary import PARAMETER, SLOTS, Term
from weir.registry.model import Event, Registry
from weir.registry.walk import declared
from weir.registry.words import distance, words

WEIGHTS = {
    "name": 10.0,
    "synonym": 6.0,
    "parameter": 5.0,
    "owner": 4.0,
    "domain": 4.0,
    "description": 3.0,
    "status": 2.0,
    "parameter description": 2.0,
    "meaning": 1.0,
}
"""What a word is worth by the field it stands in."""
STANDING = {"deprecated": 0.7, "archived": 0.4}
"""What is left of an event's rank when it is no longer to be sent."""
EXACT, BEGINS, CONTAINS, SLIP = 1.0, 0.7, 0.4, 0.25
_CONTAINED = 3  # letters from which a word is looked for inside others; other scripts say more by 2
_SLIPPED = 5
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Match:
    """Where a word of the query was found.

    Args:
        word: the word of the query.
        field: the kind of place; a key of `WEIGHTS`.
        place: which one: the parameter's path, the term; '' where the event has one.
        text: what is written there.
    """

    word: str
    field: str
    place: str
    text: str


@dataclass(frozen=True)
class Hit:
    """One event that was found, and why."""

    event: str
    score: float
    matches: tuple[Match, ...] = field(default=())


@dataclass(frozen=True)
class _Text:
    event: str
    field: str
    place: str
    text: str


class Catalogue:
    """An index of one registry. Building it reads every text once; searching takes milliseconds.

    Args:
        registry: the events and the dictionary.
    """

    def __init__(self, registry: Registry) -> None:
        self._texts: list[_Text] = []
        places: dict[str, list[int]] = defaultdict(list)
        for event in registry.events.values():
            for text in _texts(event, registry):
                for word in _words(text.text):
                    places[word].append(len(self._texts))
                self._texts.append(text)
        self._places = dict(places)
        self._vocabulary = sorted(places)
        self._events = max(len(registry.events), 1)
        self._standing = {e.name: STANDING.get(e.status, 1.0) for e in registry.events.values()}

    def search(self, query: str, limit: int = 20) -> list[Hit]:
        """Return the events that every word of the query is found in, the best first.

        Args:
            query: words, in any script; the last one may be unfinished.
            limit: events to return at most.
        """
        asked = list(dict.fromkeys(_words(query)))
        found = [self._find(word) for word in asked]
        if not found:
            return []
        events = set.intersection(*(set(each) for each in found))
        hits = (self._hit(event, [each[event] for each in found]) for event in events)
        return sorted(hits, key=lambda hit: (-hit.score, hit.event))[:limit]

    def _hit(self, event: str, parts: list[tuple[float, Match]]) -> Hit:
        score = round(sum(part for part, _ in parts) * self._standing[event], 3)
        return Hit(event, score, tuple(match for _, match in parts))

    def _find(self, word: str) -> dict[str, tuple[float, Match]]:
        """Return the best place of a word by event."""
        best: dict[str, tuple[float, Match]] = {}
        likeness = self._like(word)
        for known, quality in likeness.items():
            for index in self._places[known]:
                text = self._texts[index]
                worth = quality * WEIGHTS[text.field]
                if worth > best.get(text.event, (0.0,))[0]:
                    best[text.event] = worth, Match(word, text.field, text.place, text.text)
        rarity = 1 + log(self._events / max(len(best), 1))
        return {event: (worth * rarity, match) for event, (worth, match) in best.items()}

    def _like(self, word: str) -> dict[str, float]:
        """Return the words of the index that are meant, with how well they fit."""
        found = {word: EXACT} if word in self._places else {}
        for known in self._vocabulary[bisect_left(self._vocabulary, word) :]:
            if not known.startswith(word):
                break
            found.setdefault(known, BEGINS)
        if len(word) >= (_CONTAINED if word.isascii() else 2):
            for known in self._vocabulary:
                if word in known:
                    found.setdefault(known, CONTAINS)
        return found or self._slips(word)

    def _slips(self, word: str) -> dict[str, float]:
        if len(word) < _SLIPPED:
            return {}
        return {known: SLIP for known in self._vocabulary if distance(word, known, 1) <= 1}


def search(registry: Registry, query: str, limit: int = 20) -> list[Hit]:
    """Search a registry once; keep a `Catalogue` to search it often.

    Args:
        registry: the events and the dictionary.
        query: words, in any script; the last one may be unfinished.
        limit: events to return at most.
    """
    return Catalogue(registry).search(query, limit)


def _words(text: str) -> list[str]:
    """Return the words of a text, folded so that case, width and composed letters do not matter."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def _texts(event: Event, registry: Registry) -> Iterator[_Text]:
    yield _Text(event.name, "name", "", event.name)
    yield _Text(event.name, "description", "", event.description)
    yield _Text(event.name, "owner", "", event.owner)
    yield _Text(event.name, "domain", "", event.domain)
    yield _Text(event.name, "status", "", f"{event.status} {event.tier}")
    terms = registry.dictionary
    for slot, token in zip(SLOTS, words(event.name), strict=False):
        yield from _term(event.name, terms.of(slot).get(token))
    for one in declared(event.versions[event.newest]):
        yield _Text(event.name, "parameter", one.dotted, one.dotted)
        if text := one.schema.get("description"):
            yield _Text(event.name, "parameter description", one.dotted, str(text))
        yield from _term(event.name, terms.of(PARAMETER).get(one.name))


def _term(event: str, term: Term | None) -> Iterator[_Text]:
    if term is not None:
        yield _Text(event, "meaning", term.name, term.meaning)
        for word in term.synonyms:
            yield _Text(event, "synonym", term.name, word)
