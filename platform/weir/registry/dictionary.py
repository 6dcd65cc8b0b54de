"""The dictionary: which terms names may be made of, what they mean, and who may add one.

`assets/events/dictionary.json` has one object per slot of an event's name and one for parameters:
`term: meaning`, or `term: {"meaning": …, "synonyms": […]}` (a parameter's also `"personal": true` or
`false`); `owners` says who may add terms to a slot. What follows from it for a name is `weir.registry.naming`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from weir.core.names import EventName
from weir.registry.findings import Findings, did_you_mean, escape
from weir.registry.words import key, singular, words

FILE = "dictionary.json"
SLOTS = EventName._fields
PARAMETER = "parameter"
SECTIONS = (*SLOTS, PARAMETER)
OWNERS = "owners"

TERM: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(SLOTS, re.compile(r"^[a-z][a-z0-9]*$")),
    PARAMETER: re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$"),
}
"""What a term looks like, by section."""


@dataclass(frozen=True)
class Term:
    """One term.

    Args:
        name: the term.
        meaning: what it is.
        synonyms: words that people say instead of it.
        personal: whether a parameter of this name holds personal data; None if nobody said.
    """

    name: str
    meaning: str
    synonyms: tuple[str, ...] = ()
    personal: bool | None = None


@dataclass(frozen=True, eq=False)
class Dictionary:
    """All terms.

    Args:
        terms: the terms by section (action, object, service, parameter) and name.
        owners: who may add terms, by section; a section without owners is open to all.
    """

    terms: Mapping[str, Mapping[str, Term]] = field(default_factory=dict)
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, section: str) -> Mapping[str, Term]:
        """Return the terms of a section."""
        return self.terms.get(section, {})

    def synonym(self, section: str, word: str) -> str | None:
        """Return the term to use instead of a synonym, however it is written.

        >>> said = {"item_id": Term("item_id", "What is sold.", ("productId",))}
        >>> Dictionary({"parameter": said}).synonym("parameter", "product_id")
        'item_id'
        """
        return self._synonyms.get(section, {}).get(key(word))

    def plural(self, section: str, word: str) -> str | None:
        """Return the term that has the same singular as a word, given in its singular."""
        return self._singulars.get(section, {}).get(word)

    @cached_property
    def _singulars(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for section, terms in self.terms.items():
            said = {singular(w): term.name for term in terms.values() for w in term.synonyms}
            found[section] = {**said, **{singular(name): name for name in terms}}
        return found

    @cached_property
    def _synonyms(self) -> dict[str, dict[str, str]]:
        return {
            section: {key(w): term.name for term in terms.values() for w in term.synonyms}
            for section, terms in self.terms.items()
        }

    def added(self, since: Dictionary) -> list[tuple[str, str]]:
        """Return the (section, term) pairs that an older dictionary did not have: owners review them."""
        return [(s, term) for s in SECTIONS for term in self.of(s) if term not in since.of(s)]


def check_dictionary(content: object, found: Findings) -> Dictionary:
    """Return the dictionary of a parsed file; what is wrong with it goes to `found`."""
    if not isinstance(content, dict):
        found.add("", "The dictionary is no object.", f"Give the slots {', '.join(SLOTS)}.")
        return Dictionary()
    known = (*SECTIONS, OWNERS)
    for slot in content.keys() - set(known):
        found.add(f"/{escape(slot)}", f"There is no slot `{slot}`.", did_you_mean(slot, known))
    sections = [s for s in SECTIONS if s in SLOTS or s in content]
    terms = {slot: _terms(content.get(slot), slot, found) for slot in sections}
    dictionary = Dictionary(terms, _owners(content.get(OWNERS, {}), found))
    for slot in sections:
        _check_words(slot, dictionary.of(slot), found)
    return dictionary


def _terms(terms: object, slot: str, found: Findings) -> dict[str, Term]:
    if not isinstance(terms, dict):
        found.add(f"/{slot}", f"The slot `{slot}` has no terms.", "Give an object term: meaning.")
        return {}
    return {name: _term(name, given, slot, found) for name, given in terms.items()}


def _term(name: str, given: Any, slot: str, found: Findings) -> Term:
    place = f"/{slot}/{escape(name)}"
    entry: dict[str, Any] = given if isinstance(given, dict) else {"meaning": given}
    known = ("meaning", "synonyms", "personal") if slot == PARAMETER else ("meaning", "synonyms")
    for extra in entry.keys() - set(known):
        remedy = did_you_mean(extra, known)
        found.add(f"{place}/{escape(extra)}", f"A term has no `{extra}`.", remedy)
    if not TERM[slot].match(name):
        found.add(place, f"`{name}` is no term.", f"Write it like `{TERM_LIKE[slot]}`.")
    meaning, synonyms = entry.get("meaning"), entry.get("synonyms", [])
    if not isinstance(meaning, str) or not meaning.strip():
        found.add(place, f"`{name}` has no meaning.", "Say in a sentence what it is.")
    if not isinstance(synonyms, list) or not all(isinstance(s, str) and words(s) for s in synonyms):
        remedy = "Give the words that people say instead, as a list of texts."
        found.add(f"{place}/synonyms", f"The synonyms of `{name}` are no list of words.", remedy)
        synonyms = []
    personal = entry.get("personal")
    if personal is not None and not isinstance(personal, bool):
        found.add(f"{place}/personal", "`personal` is neither true nor false.", "Give one of them.")
    return Term(name, str(meaning), tuple(synonyms), personal)


TERM_LIKE = {**dict.fromkeys(SLOTS, "click"), PARAMETER: "item_id"}


def _owners(given: object, found: Findings) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        found.add(f"/{OWNERS}", "`owners` is no object.", "Give an object slot: [owner, …].")
        return {}
    for slot, owners in given.items():
        place = f"/{OWNERS}/{escape(slot)}"
        if slot not in SECTIONS:
            found.add(place, f"There is no slot `{slot}`.", did_you_mean(slot, SECTIONS))
        if not isinstance(owners, list) or not all(isinstance(o, str) and o for o in owners):
            found.add(place, f"The owners of `{slot}` are no list.", "Give a list of addresses.")
    return {slot: tuple(o) for slot, o in given.items() if isinstance(o, list)}


def _check_words(slot: str, terms: Mapping[str, Term], found: Findings) -> None:
    """Check that no word leads to two terms."""
    owner: dict[str, str] = {key(name): name for name in terms}
    for term in terms.values():
        for index, word in enumerate(term.synonyms):
            other = owner.setdefault(key(word), term.name)
            if other != term.name or word in terms:
                what = f"`{word}` is a synonym of `{term.name}`, and leads to `{other}` already."
                remedy = "Keep it at one of them."
                found.add(f"/{slot}/{escape(term.name)}/synonyms/{index}", what, remedy)


def all_terms(dictionary: Dictionary) -> Iterator[tuple[str, Term]]:
    """Yield every (section, term)."""
    for section in SECTIONS:
        for term in dictionary.of(section).values():
            yield section, term
