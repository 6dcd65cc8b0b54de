"""Which registered event an unknown name probably means, and which ones are like it. Pure.

Runs only for names that are not registered. A flood of them stays cheap: a name costs a few dozen
look-ups, however many events there are, and those asked for lately are remembered. What a token
means is the dictionary's (`weir.registry.dictionary`); what is said about it `weir.collect.violations`'.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import combinations, islice, product, zip_longest
from typing import NamedTuple

from weir.registry.dictionary import SLOTS, Dictionary
from weir.registry.words import distance, singular, words

FEW = 12
"""At most so many events are named in an answer."""
_LONGEST = 200  # characters of a name that are read
_TOKENS = 6
_TOKEN = 24  # characters of a token up to which typing errors are looked for
_READINGS = 4  # meanings of one token that are tried
_PEERS = 100  # words that one token is compared with
_ALIKE = 0.7  # `added` is 0.75 from `add`, `create` 0.5 from `delete`
_OPPOSITE = ("un", "dis", "de", "in", "re")

Key = tuple[str, ...]


class Meant(NamedTuple):
    """What a name may mean.

    Args:
        name: the event that is surely near enough, or None.
        like: otherwise events that share words with it, the likeliest first.
        shared: the words that they share.
    """

    name: str | None = None
    like: tuple[str, ...] = ()
    shared: Key = ()


class Names:
    """The registered names, arranged so that what is like a name is found at once.

    Args:
        names: the registered names; where several fit, the earlier is preferred.
        dictionary: knows synonyms; without terms only letters and words are compared.
    """

    def __init__(self, names: Iterable[str], dictionary: Dictionary | None = None) -> None:
        self._names = list(names)
        self._dictionary = dictionary or Dictionary()
        self._cached = lru_cache(4096)(self._meant)

    def meant(self, name: str) -> Meant:
        """Return what a name may mean.

        >>> Names(["click_item_home"]).meant("clickedItem-home").name
        'click_item_home'
        """
        return self._cached(name[:_LONGEST])

    @cached_property
    def some(self) -> tuple[str, ...]:
        """At most twelve names, of every service one before the second of any."""
        services: dict[str, list[str]] = {}
        for name in self._names:
            services.setdefault(name.rpartition("_")[2], []).append(name)
        rounds = zip_longest(*services.values())
        spread = (name for one in rounds for name in one if name is not None)
        return tuple(sorted(islice(spread, FEW)))

    def _meant(self, name: str) -> Meant:
        tokens = words(name)[:_TOKENS]
        joined = self._joined.get("".join(tokens))
        if joined is not None:
            return Meant(joined)
        options = [self._readings(token) for token in tokens]
        for size in range(min(len(tokens), len(SLOTS)), 1, -1):
            if found := self._sharing(options, size):
                return self._chosen(found, tokens)
        shared = [k for option in options for _, k in option if (k,) in self._parts]
        return self._listed(self._parts[shared[0],], (shared[0],)) if shared else Meant()

    def _sharing(self, options: list[list[tuple[int, str]]], size: int) -> Key | None:
        """Return the words that are most surely meant, of so many tokens, and stand in an event."""
        choices = (c for some in combinations(options, size) for c in product(*some))
        known = (
            (sum(cost for cost, _ in choice), key)
            for choice in choices
            if (key := _key(token for _, token in choice)) in self._parts
        )
        return min(known, default=(0, None))[1]

    def _chosen(self, key: Key, tokens: list[str]) -> Meant:
        found = self._parts[key]
        if len(key) == len(SLOTS) or (len(tokens) == len(key) and len(found) == 1):
            return Meant(found[0])
        if len(tokens) == len(SLOTS):
            rest = {_rest(name, key): name for name in reversed(found[:_PEERS])}
            for token in tokens:
                if (near := self._alike(token, rest)) is not None:
                    return Meant(rest[near])
        return self._listed(found, key)

    def _alike(self, token: str, peers: Iterable[str]) -> str | None:
        """Return the word that an unknown token is another form of."""
        if self._readings(token) or self._is_term(token):
            return None
        options = [peer for peer in peers if not _opposite(token, peer)]
        return next(iter(get_close_matches(token[:_TOKEN], options, n=1, cutoff=_ALIKE)), None)

    def _listed(self, names: list[str], shared: Key) -> Meant:
        return Meant(None, tuple(names[:FEW]), shared)

    def _readings(self, token: str) -> list[tuple[int, str]]:
        """Return the known words that a token may mean, each with its cost; the cheapest first."""
        found = {token: 0} if (token,) in self._parts else {}
        for slot in SLOTS:
            for word in (token, singular(token)):
                for term in (self._dictionary.synonym(slot, word), word):
                    if term is not None and (term,) in self._parts:
                        found.setdefault(term, 1)
        if not found and not self._is_term(token):
            found = dict(self._typed(token))
        return sorted((cost, known) for known, cost in found.items())[:_READINGS]

    def _is_term(self, token: str) -> bool:
        return any(token in self._dictionary.of(slot) for slot in SLOTS)

    def _typed(self, token: str) -> Iterator[tuple[str, int]]:
        """Yield the known words that a token is a mistyped form of."""
        limit = _limit(token)
        near = {known for form in _shorter(token, limit) for known in self._forms.get(form, ())}
        for known in sorted(near)[:_PEERS]:
            apart = distance(token, known, limit)
            if apart <= limit and not _opposite(token, known):
                yield known, 2 * apart

    @cached_property
    def _joined(self) -> dict[str, str]:
        return {"".join(words(name)): name for name in reversed(self._names)}

    @cached_property
    def _parts(self) -> dict[Key, list[str]]:
        """The names by each one, two or three of their words, in any order."""
        found: dict[Key, list[str]] = {}
        for name in self._names:
            tokens = words(name)[: len(SLOTS)]
            for size in range(1, len(tokens) + 1):
                for key in {_key(some) for some in combinations(tokens, size)}:
                    found.setdefault(key, []).append(name)
        return found

    @cached_property
    def _forms(self) -> dict[str, list[str]]:
        """Words by what is left of them without one or two letters: what a typing error leaves."""
        found: dict[str, list[str]] = {}
        for token, *rest in self._parts:
            if not rest:
                for form in _shorter(token, 2):
                    found.setdefault(form, []).append(token)
        return found


def _key(tokens: Iterable[str]) -> Key:
    return tuple(sorted(tokens))


def _rest(name: str, key: Collection[str]) -> str:
    left = words(name)
    for token in key:
        left.remove(token)
    return left[0] if left else ""


def _limit(token: str) -> int:
    """Return how many typing errors are believed; fewer in long words, for the time they take."""
    return 0 if len(token) < 3 else 2 if 6 <= len(token) <= 12 else 1


def _shorter(token: str, limit: int) -> set[str]:
    """Return a word and all that is left of it without up to `limit` letters."""
    found = forms = {token[: _TOKEN + 1]}
    for _ in range(limit if len(token) <= _TOKEN else 0):
        forms = {form[:i] + form[i + 1 :] for form in forms for i in range(len(form))}
        found = found | forms
    return found


def _opposite(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long in {prefix + short for prefix in _OPPOSITE}
