"""Words inside names: how they are split, their singular, and how far two of them are apart. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W_A-Z]+|[A-Z]+")
_ES = ("ses", "xes", "zes", "ches", "shes")
_NO_PLURAL = ("ss", "us", "is", "news")
_SHORT, _LONG = 3, 6


def words(name: str) -> list[str]:
    """Split a name at underscores, hyphens, spaces and changes of case; any script.

    >>> words("clickItem-home"), words("IPAddress"), words("상품_클릭")
    (['click', 'item', 'home'], ['ip', 'address'], ['상품', '클릭'])
    """
    return [word.casefold() for word in _WORD.findall(unicodedata.normalize("NFKC", name))]


def key(name: str) -> str:
    """Return the form in which all spellings of a name are equal.

    >>> key("itemID") == key("item-id") == key("item_id")
    True
    """
    return "_".join(words(name))


def singular(word: str) -> str:
    """Return an English word without the ending of its plural; good enough to compare two words.

    >>> [singular(word) for word in ("items", "categories", "boxes", "address", "ids")]
    ['item', 'category', 'box', 'address', 'id']
    """
    if len(word) < 3 or not word.endswith("s") or word.endswith(_NO_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_ES) else word[:-1]


def within_one(one: str, other: str) -> bool:
    """Tell whether one insertion, deletion, exchange or swap of neighbours makes them equal.

    >>> within_one("clcik", "click"), within_one("item", "items"), within_one("item", "page")
    (True, True, False)
    """
    if abs(len(one) - len(other)) > 1 or (_letters(one) ^ _letters(other)).bit_count() > 2:
        return False
    return distance(one, other, 1) <= 1


def distance(one: str, other: str, limit: int) -> int:
    """Return the edit distance with swaps of neighbours, or `limit + 1` if it is larger."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def closest(word: str, known: Iterable[str]) -> tuple[str, int] | None:
    """Return the known word that was probably meant and its distance: at most 1 or, from 6 letters, 2.

    >>> closest("purchse", ["push", "purchase"]), closest("x", ["y"])
    (('purchase', 1), None)
    """
    limit = 0 if len(word) < _SHORT else 1 if len(word) < _LONG else 2
    letters, best = _letters(word), None
    for other in known if limit else ():
        if (
            abs(len(other) - len(word)) > limit
            or (_letters(other) ^ letters).bit_count() > 2 * limit
        ):
            continue  # one edit changes at most two of the letters that they have
        apart = distance(word, other, limit)
        if apart <= limit and (best is None or (apart, other) < (best[1], best[0])):
            best = (other, apart)
    return best


@lru_cache(65_536)
def _letters(word: str) -> int:
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return mask
