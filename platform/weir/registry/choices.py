"""What is wrong with a value of several options (`oneOf`, `anyOf`), or with an object's keys. Pure.

Sentences only, as in `weir.registry.remedies`; which option is the nearest follows from the errors
that the validator found in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from weir.core.told import as_text, told
from weir.registry import patterns
from weir.registry.describe import describe, option
from weir.registry.findings import escape, nearest
from weir.registry.remedies import Broken, Violation

_FEW = 3  # errors of the nearest option that are told
_UNLIKE = 10
_WEIGHT = {"type": _UNLIKE, "const": _UNLIKE, "enum": _UNLIKE}


class Error(NamedTuple):
    """One error inside an option.

    Args:
        own: whether it is about the value itself, or something directly in it.
        told: the error, as it would be told alone.
    """

    own: bool
    told: Violation


def no_option(found: Broken, errors: Sequence[Sequence[Error]]) -> Violation:
    """Return the violation of `oneOf` or `anyOf`.

    Args:
        found: the keyword and the value.
        errors: for each option, the errors in it; none in one that fits.
    """
    options = [option(one) for one in found.node[found.rule]]
    between = "; or " if any(", " in said for said in options) else " or "
    expected = between.join(dict.fromkeys(options))
    fitting = [said for said, wrong in zip(options, errors, strict=False) if not wrong]
    if len(fitting) > 1:
        remedy = f"It is {' and '.join(fitting)} at once: send `{found.name}` as only one of them."
        return _violation(found, f"exactly one of: {expected}", remedy)
    if (near := _nearest(errors)) is None:
        return _violation(found, expected, f"Send `{found.name}` as {expected}.")
    wrong = " ".join(dict.fromkeys(error.told.remedy for error in errors[near][:_FEW]))
    return _violation(found, expected, f"The nearest is {options[near]}. {wrong}")


def _nearest(errors: Sequence[Sequence[Error]]) -> int | None:
    """Return the option that is surely meant: one whose type and marks are right, and no other's."""
    far = [_far(wrong) for wrong in errors]
    least = min(far, default=_UNLIKE)
    return far.index(least) if least < _UNLIKE and far.count(least) == 1 else None


def wrong_key(found: Broken, key: str) -> Violation:
    """Return the violation of `propertyNames`: a key that may not be called so."""
    allowed = found.node if isinstance(found.node, dict) else {}
    said = describe({"type": "string", **allowed})
    meant = such = None
    if "pattern" in allowed:
        meant, such = patterns.respelled(allowed, key), patterns.example(allowed)
    elif "enum" in allowed:
        meant = nearest(key, filter(_is_text, allowed["enum"]))
    like = f", for example {as_text(such)}" if such else ""
    remedy = (
        f"Did you mean the key `{meant}`?"
        if meant
        else f"Rename the key `{key[:50]}` of `{found.name}`, as {said}{like}."
    )
    pointer = f"{found.pointer}/{escape(key)}"
    return Violation(pointer, found.rule, f"a key: {said}", told(key), remedy)


def _violation(found: Broken, expected: str, remedy: str) -> Violation:
    return Violation(found.pointer, found.rule, expected, told(found.value), remedy)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _far(errors: Sequence[Error]) -> int:
    """Return how far a value is from an option."""
    return sum(_WEIGHT.get(error.told.rule, 1) if error.own else 1 for error in errors)
