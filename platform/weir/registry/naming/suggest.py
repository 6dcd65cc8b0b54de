"""Judges an event's name as it is typed, and suggests the name that is meant. Pure and fast.

Reading the name is `weir.registry.naming.grammar`, what is like it `weir.registry.naming.duplicates`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from weir.core.errors import NameRejected
from weir.core.names import MAX_NAME, event_name
from weir.registry.dictionary import SLOTS, Dictionary
from weir.registry.findings import Finding, Severity
from weir.registry.naming.duplicates import Duplicate, Names
from weir.registry.naming.grammar import (
    MISSING,
    NEAR,
    PLURAL,
    SYNONYM,
    UNKNOWN,
    Parsed,
    read,
)
from weir.registry.words import words

POINTER = "/name"
_MANY = 12  # terms that one sentence lists
_COMPLETIONS = 10
_LEFT = 5  # tokens without a slot that are named
_OPEN = "…"
_FOREIGN = "Use a known term, or add one with this as its synonym: `weir events term add {slot} …`."
_LETTERS = "Write each token in a-z and 0-9, a letter first."


@dataclass(frozen=True)
class Suggestion:
    """What is said about a candidate for an event's name.

    Args:
        name: the name to use; the candidate itself if nothing is wrong with it, None if the
            dictionary does not tell.
        findings: what is wrong, each with the suggested whole name.
        exists: whether an event of the suggested name exists already.
        completions: whole names that the candidate can become, when a slot is not filled yet.
    """

    name: str | None
    findings: tuple[Finding, ...] = ()
    exists: bool = False
    completions: tuple[str, ...] = ()


def suggest(name: str, dictionary: Dictionary, existing: Collection[str]) -> Suggestion:
    """Judge a candidate for an event's name.

    A suggested name has no findings itself.

    Args:
        name: the candidate, in any form: `itemClickHome`, `tap-item-home`.
        dictionary: the terms.
        existing: the names of all events.
    """
    return _naming(dictionary, tuple(existing)).suggest(name)


@lru_cache(8)
def _naming(dictionary: Dictionary, existing: tuple[str, ...]) -> Naming:
    return Naming(dictionary, existing)


class Naming:
    """A dictionary and the existing events, ready to judge many names."""

    def __init__(self, dictionary: Dictionary, existing: Collection[str]) -> None:
        self.dictionary = dictionary
        self.names = Names(existing, dictionary)

    def suggest(self, name: str) -> Suggestion:
        """Judge a candidate; see `suggest`."""
        parsed = read(words(name[: 3 * MAX_NAME]), self.dictionary)
        wrong = [*_form(name), *_count(parsed, self.dictionary), *_order(parsed), *_terms(parsed)]
        duplicate = self._duplicate(name, parsed)
        whole, usable = parsed.name, parsed.complete and len(parsed.name) <= MAX_NAME
        if duplicate:
            usable = self._clean(duplicate.other)
            whole = duplicate.other if usable else whole
            wrong.append(_like(duplicate))
        return Suggestion(
            whole if usable else None,
            tuple(_naming_it(finding, name, whole, usable=usable) for finding in wrong),
            exists=usable and whole in self.names.names,
            completions=tuple(self._completions(parsed)),
        )

    def _duplicate(self, name: str, parsed: Parsed) -> Duplicate | None:
        """Return the event that the candidate, or what it means, is or is like."""
        if parsed.complete and name != parsed.name and parsed.name in self.names.names:
            return Duplicate(name, parsed.name, self.names.why(name, parsed.name))
        return self.names.like(parsed.name if parsed.complete else name)

    def _clean(self, name: str) -> bool:
        parsed = read(words(name), self.dictionary)
        return parsed.name == name and not list(_terms(parsed))

    def _completions(self, parsed: Parsed) -> Iterator[str]:
        """Yield whole names with the first open slot filled: those of existing events first."""
        open_slots = [i for i, reading in enumerate(parsed.slots) if reading.kind == MISSING]
        if len(open_slots) != 1 or any(r.kind == UNKNOWN for r in parsed.slots):
            return
        place = open_slots[0]
        terms = self.dictionary.of(SLOTS[place])
        parts = [reading.term for reading in parsed.slots]
        names = ["_".join([*parts[:place], term, *parts[place + 1 :]]) for term in terms]
        known_first = sorted(names, key=lambda name: (name not in self.names.names, name))
        yield from known_first[:_COMPLETIONS]


def _naming_it(finding: Finding, name: str, whole: str, *, usable: bool) -> Finding:
    """Return a finding that ends with the whole name, where it can be used or has an open slot."""
    if len(whole) > MAX_NAME or not (usable or _OPEN in whole):
        return finding
    said = f" Name it `{whole}`." if whole != name else ""
    return replace(finding, remedy=f"{finding.remedy}{said}".strip(), suggestion=whole)


def _form(name: str) -> Iterator[Finding]:
    try:
        event_name(name)
    except NameRejected:
        plain = "_".join(words(name))
        if name and (name != plain or not all(_is_token(token) for token in plain.split("_"))):
            what = f"`{_cut(name)}` is not written as lower-case tokens joined with `_`."
            foreign = not plain.isascii() or not all(map(_is_token, plain.split("_")))
            yield Finding(POINTER, "form", what, _LETTERS if foreign else "")
        if len(name) > MAX_NAME:
            what = f"The name has {len(name)} characters, and {MAX_NAME} are allowed."
            yield Finding(POINTER, "too_long", what, "Use shorter terms.")


def _is_token(token: str) -> bool:
    return token.isascii() and token.isalnum() and token[0].isalpha()


def _count(parsed: Parsed, dictionary: Dictionary) -> Iterator[Finding]:
    missing = [reading.slot for reading in parsed.slots if reading.kind == MISSING]
    written = len(SLOTS) - len(missing) + len(parsed.left)
    if missing:
        options = "; ".join(f"{slot}: {_list(dictionary.of(slot))}" for slot in missing)
        what = f"The name has {written} of three tokens; missing: {', '.join(missing)}."
        yield Finding(POINTER, "too_few_tokens", what, f"Add what is missing ({options}).")
    if parsed.left:
        more = ", …" if len(parsed.left) > _LEFT else ""
        extra = ", ".join(f"`{_cut(token)}`" for token in parsed.left[:_LEFT]) + more
        what = (
            f"The name has {written} tokens, and an event has three: no slot is left for {extra}."
        )
        yield Finding(POINTER, "too_many_tokens", what, "Say the rest in a parameter.")


def _order(parsed: Parsed) -> Iterator[Finding]:
    if parsed.moved:
        what = "The tokens stand in another order than action, object, service."
        yield Finding(POINTER, "order", what, "")


def _terms(parsed: Parsed) -> Iterator[Finding]:
    for reading in parsed.slots:
        if reading.kind in _SAY:
            rule, what, remedy = _SAY[reading.kind]
            said = {"slot": reading.slot, "token": _cut(reading.token), "term": reading.term}
            if reading.kind == UNKNOWN and not _is_token(reading.token):
                remedy = _FOREIGN  # it cannot be added as it is
            yield Finding(POINTER, rule, what.format(**said), remedy.format(**said))


_SAY = {
    SYNONYM: ("synonym", "Use `{term}`, not `{token}`, for the {slot}.", ""),
    PLURAL: ("plural", "Use `{term}`, not `{token}`, for the {slot}.", ""),
    NEAR: ("unknown_term", "`{token}` is no {slot} of the dictionary.", "The nearest is `{term}`."),
    UNKNOWN: (
        "unknown_term",
        "`{token}` is no {slot} of the dictionary.",
        "Use a known term, or add it first: `weir events term add {slot} {token} --meaning …`.",
    ),
}


def _like(duplicate: Duplicate) -> Finding:
    name, other, why = duplicate
    what = f"`{_cut(name)}` reads like the event `{other}`, which exists: {why}."
    remedy = f"Send `{other}`, or choose words that tell the two apart."
    return Finding(POINTER, "near_duplicate", what, remedy, Severity.WARNING)


def _list(terms: Collection[str]) -> str:
    shown = ", ".join(sorted(terms)[:_MANY])
    return f"{shown}, …" if len(terms) > _MANY else shown or "none yet"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
