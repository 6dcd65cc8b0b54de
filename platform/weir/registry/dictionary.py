"""The dictionary: which terms an event's name may be made of, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from weir.core.names import EventName
from weir.registry.findings import Findings, did_you_mean, nearest

FILE = "dictionary.json"
SLOTS = EventName._fields

Dictionary = Mapping[str, Mapping[str, str]]
"""Meaning by term, by slot (action, object, service)."""


def check_dictionary(content: object, found: Findings) -> Dictionary:
    """Return the dictionary of a parsed file; what is wrong with it goes to `found`."""
    if not isinstance(content, dict):
        found.add("", "The dictionary is no object.", f"Give the slots {', '.join(SLOTS)}.")
        return {}
    for slot in content.keys() - set(SLOTS):
        found.add(f"/{slot}", f"There is no slot `{slot}`.", did_you_mean(slot, SLOTS))
    return {slot: _terms(content.get(slot), slot, found) for slot in SLOTS}


def _terms(terms: object, slot: str, found: Findings) -> dict[str, str]:
    if not isinstance(terms, dict):
        found.add(f"/{slot}", f"The slot `{slot}` has no terms.", "Give an object term: meaning.")
        return {}
    for term, meaning in terms.items():
        if not isinstance(meaning, str) or not meaning.strip():
            found.add(
                f"/{slot}/{term}", f"`{term}` has no meaning.", "Say in a sentence what it is."
            )
    return {term: str(meaning) for term, meaning in terms.items()}


def check_terms(name: EventName, dictionary: Dictionary, found: Findings) -> None:
    """Check that every slot of a name is a known term."""
    for slot, term in zip(SLOTS, name, strict=True):
        known = dictionary.get(slot, {})
        if term in known:
            continue
        near = nearest(term, known)
        hint = f"The nearest is `{near}`. " if near else ""
        found.add(
            "/name",
            f"`{term}` is no {slot} of the dictionary.",
            f"{hint}Use a known term, or add `{term}` with its meaning to {FILE}.",
        )
