"""Adds one term to the dictionary's file, if its asker may. The rest of the file stays as it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from weir.core.errors import InvalidValue, UsageError
from weir.registry.dictionary import (
    FILE,
    SECTIONS,
    SLOTS,
    TERM,
    TERM_LIKE,
    Dictionary,
    check_dictionary,
)
from weir.registry.findings import Findings
from weir.registry.words import key, singular


def add_term(
    events_dir: Path,
    section: str,
    term: str,
    meaning: str,
    synonyms: Sequence[str] = (),
    by: str | None = None,
) -> Path:
    """Add a term to a section of the dictionary.

    Args:
        events_dir: the events' folder.
        section: action, object, service or parameter.
        term: the term.
        meaning: what it is, in a sentence.
        synonyms: words that people say instead of it.
        by: who adds it; needed where the section has owners.

    Returns:
        The file that was changed.

    Raises:
        UsageError: if the asker may not, or the term exists, or says what another one says.
    """
    path = events_dir / FILE
    content = json.loads(path.read_bytes()) if path.exists() else {slot: {} for slot in SLOTS}
    check_may_add(_checked(content, path), section, term, by)
    entry: Any = {"meaning": meaning, "synonyms": list(synonyms)} if synonyms else meaning
    changed = {**content, section: dict(sorted({**content.get(section, {}), term: entry}.items()))}
    _checked(changed, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(changed, indent=2, ensure_ascii=False) + "\n")
    fresh.replace(path)
    return path


def check_may_add(dictionary: Dictionary, section: str, term: str, by: str | None) -> None:
    """Check that a term is new, well-formed and may be added by its asker.

    Raises:
        UsageError: if not.
    """
    if section not in SECTIONS:
        raise InvalidValue("slot", section, SECTIONS)
    owners = dictionary.owners.get(section, ())
    if owners and by not in owners:
        asker = f"`{by}` may not" if by else "Not everybody may"
        raise UsageError(
            f"{asker} add a term to the slot `{section}`.",
            f"Ask its owners, or say with --by who you are: {', '.join(owners)}.",
        )
    if not TERM[section].match(term):
        raise UsageError(f"`{term}` is no term.", f"Write it like `{TERM_LIKE[section]}`.")
    _check_new(dictionary, section, term)


def _check_new(dictionary: Dictionary, section: str, term: str) -> None:
    if term in dictionary.of(section):
        meaning = dictionary.of(section)[term].meaning
        raise UsageError(f"The {section} `{term}` exists: {meaning}", "Use it as it is.")
    other = dictionary.synonym(section, key(term)) or dictionary.plural(section, singular(term))
    if other:
        raise UsageError(
            f"`{term}` says what the {section} `{other}` says.",
            f"Use `{other}`; or remove `{term}` from its synonyms first, if they differ.",
        )


def _checked(content: Any, path: Path) -> Dictionary:
    found = Findings(path.name)
    dictionary = check_dictionary(content, found)
    if found.errors:
        raise found.errors[0]
    return dictionary
