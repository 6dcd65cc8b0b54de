"""Judges parameters' names: the dictionary's term, near-duplicates in one event and across events.

An active version never changes, so nothing here is an error: a draft can do better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

from weir.core.errors import NameRejected
from weir.core.names import check_parameter
from weir.registry.dictionary import PARAMETER, Dictionary
from weir.registry.findings import Finding, Severity
from weir.registry.model import Event
from weir.registry.naming.suggest import Suggestion
from weir.registry.walk import Declared, declared, kind_of
from weir.registry.words import key, singular, within_one, words

_TELLING = 5  # letters from which one edit is more likely a slip than another word
_NAMED = 3  # events that one finding names
_LATER, _NOW = "from the next version on", "before it is activated"

Place = tuple[Event, Declared]


def suggest_parameter(
    name: str, dictionary: Dictionary, siblings: Collection[str] = ()
) -> Suggestion:
    """Judge a candidate for a parameter's name.

    A suggested name has no findings itself.

    Args:
        name: the candidate, in any form.
        dictionary: the terms; its section `parameter` is what counts.
        siblings: the other parameters of the same object.
    """
    meant = dictionary.synonym(PARAMETER, name) or key(name)
    wrong = [*_form(name, meant), *_synonym(name, meant, dictionary)]
    if name not in siblings and (twin := _like(name, meant, dictionary, siblings)):
        wrong.append(_twin(name, twin, "this event"))
        meant = twin
    usable = not wrong or _clean(meant, dictionary, siblings)
    return Suggestion(meant if usable else None, tuple(replace(f, suggestion=meant) for f in wrong))


def _like(name: str, meant: str, dictionary: Dictionary, siblings: Collection[str]) -> str | None:
    """Return the sibling that a candidate is, or is like; two terms are told apart by their meanings."""
    if meant in siblings:
        return meant
    terms = dictionary.of(PARAMETER)
    others = (o for o in sorted(siblings) if o != name and not (meant in terms and o in terms))
    return next((other for other in others if _alike(meant, other)), None)


def _clean(name: str, dictionary: Dictionary, siblings: Collection[str]) -> bool:
    """Tell whether nothing is to say about a name."""
    told = name in siblings or _like(name, name, dictionary, siblings) is None
    return _fits(name) and told and dictionary.synonym(PARAMETER, name) in (None, name)


def parameter_findings(
    versions: Sequence[tuple[Event, int]], dictionary: Dictionary, asked: Collection[str] = ()
) -> Iterator[tuple[Event, Finding]]:
    """Yield what is to say about parameters.

    Args:
        versions: one version or draft of each event.
        dictionary: the terms.
        asked: the events to judge, the others are only what they are held against; default is all.
    """
    drafts = {event.name for event, number in versions if event.is_draft(number)}
    places = [(event, one) for event, n in versions for one in declared(event.schema_of(n))]
    own = [place for place in places if place[0].name in asked] if asked else places
    for event, finding in _found(own, places, dictionary):
        if asked and event.name not in asked:
            continue
        remedy = finding.remedy.replace(_LATER, _NOW) if event.name in drafts else finding.remedy
        yield event, replace(finding, remedy=remedy)


def _found(
    own: Sequence[Place], places: Sequence[Place], dictionary: Dictionary
) -> Iterator[tuple[Event, Finding]]:
    for event, one in own:
        for finding in _synonym(one.name, dictionary.synonym(PARAMETER, one.name), dictionary):
            yield event, replace(finding, pointer=one.pointer)
    yield from _inside(own, dictionary)
    yield from _across(places)


def _fits(name: str) -> bool:
    try:
        check_parameter(name)
    except NameRejected:
        return False
    return True


def _form(name: str, meant: str) -> Iterator[Finding]:
    try:
        check_parameter(name)
    except NameRejected as error:
        remedy = f"Name it `{meant}`." if _fits(meant) else error.remedy
        yield Finding("", "form", error.what, remedy)


def _synonym(name: str, meant: str | None, dictionary: Dictionary) -> Iterator[Finding]:
    if meant and name not in dictionary.of(PARAMETER) and dictionary.synonym(PARAMETER, name):
        what, remedy = f"Use `{meant}`, not `{name}`.", f"Name it so {_LATER}."
        yield Finding("", "synonym", what, remedy, Severity.WARNING, suggestion=meant)


def _twin(name: str, other: str, where: str) -> Finding:
    what = f"`{name}` reads like `{other}` of {where}."
    remedy = "Give both one name if they mean the same; else choose words that tell them apart."
    return Finding("", "near_duplicate", what, remedy, Severity.WARNING, suggestion=other)


@lru_cache(65_536)
def _meaning(name: str) -> tuple[str, ...]:
    return tuple(sorted(singular(word) for word in words(name)))


def _alike(one: str, other: str) -> bool:
    """Tell whether two names are the same words, the same letters, or one slip apart."""
    if _meaning(one) == _meaning(other) or one.replace("_", "") == other.replace("_", ""):
        return True
    numbered = one.rstrip("0123456789") == other.rstrip("0123456789")
    return not numbered and min(len(one), len(other)) >= _TELLING and within_one(one, other)


def _inside(places: Sequence[Place], dictionary: Dictionary) -> Iterator[tuple[Event, Finding]]:
    """Yield the near-duplicates among the parameters of one object."""
    objects: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for event, one in places:
        objects[event.name, one.parent].append((event, one))
    terms = dictionary.of(PARAMETER)
    for group in objects.values():
        for (_, first), (event, second) in combinations(group, 2):
            told_apart = first.name in terms and second.name in terms
            if not told_apart and _alike(first.name, second.name):
                finding = _twin(second.name, first.name, "this event")
                yield event, replace(finding, pointer=second.pointer)


def _across(places: Sequence[Place]) -> Iterator[tuple[Event, Finding]]:
    """Yield parameters that other events spell or type otherwise; the most usual way is proposed."""
    for group in _groups(places, lambda name: "".join(words(name))):
        yield from _others(group, lambda one: one.dotted, _spelled)
    for group in _groups(places, lambda name: "_".join(sorted(words(name)))):
        reordered = {"".join(words(one.dotted)) for _, one in group}
        if len(reordered) > 1:
            yield from _others(group, lambda one: one.dotted, _spelled)
        yield from _others(group, lambda one: kind_of(one.schema), _typed)


def _groups(places: Sequence[Place], meaning: Callable[[str], str]) -> Iterator[list[Place]]:
    """Yield the parameters of more than one event that mean the same by their path."""
    same: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for event, one in places:
        same[tuple(map(meaning, one.path))].append((event, one))
    yield from (group for group in same.values() if len({event.name for event, _ in group}) > 1)


def _others(
    group: Sequence[Place],
    way: Callable[[Declared], str | None],
    say: Callable[[Declared, str, str], Finding],
) -> Iterator[tuple[Event, Finding]]:
    """Yield a finding for each parameter that does not go the way that most events go."""
    ways: dict[str, list[Place]] = defaultdict(list)
    for event, one in group:
        if (value := way(one)) is not None:
            ways[value].append((event, one))
    usual = max(ways, key=lambda value: (len(ways[value]), value), default="")
    for value in ways.keys() - {usual}:
        for event, one in ways[value]:
            elsewhere = [f"`{other.name}`" for other, _ in ways[usual] if other.name != event.name]
            if elsewhere:
                yield event, say(one, usual, _named(elsewhere))


def _spelled(one: Declared, usual: str, where: str) -> Finding:
    what = f"`{one.dotted}` is called `{usual}` in {where}."
    remedy = f"If they mean the same, name it `{usual}` {_LATER}."
    return Finding(
        one.pointer,
        "other_spelling",
        what,
        remedy,
        Severity.HINT,
        suggestion=usual.rpartition(".")[2],
    )


def _typed(one: Declared, usual: str, where: str) -> Finding:
    what = f"`{one.dotted}` is {kind_of(one.schema)} here and {usual} in {where}."
    remedy = "If they mean the same, give both one type: joins and facts compare them."
    return Finding(one.pointer, "other_type", what, remedy, Severity.HINT)


def _named(events: Sequence[str]) -> str:
    shown = sorted(set(events))
    more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
    return ", ".join(shown[:_NAMED]) + more
