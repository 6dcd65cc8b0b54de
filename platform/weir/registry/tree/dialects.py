"""Translates the keywords of one schema between the drafts of JSON Schema, and whole raw schemas.

Between: draft-04's boolean `exclusiveMinimum`, `id`, lists under `items`, `dependencies`,
`definitions`, and what stands idle beside a `$ref` up to draft-07. Nodes are `read` and `write`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from weir.registry.findings import escape
from weir.registry.tree.losses import Loss
from weir.registry.tree.nodes import ABOUT
from weir.registry.vocabulary import ANNOTATIONS, ARRAYS, DIALECTS, LIST, MAP, SCHEMA

Own: TypeAlias = "dict[str, Any]"

OLD_ID = ("draft-04", "iglu")
TO_DRAFT_7 = (*OLD_ID, "draft-06", "draft-07")
TO_2019 = (*TO_DRAFT_7, "2019-09")
URIS: Mapping[str, str] = {
    "draft-04": "http://json-schema.org/draft-04/schema#",
    "draft-06": "http://json-schema.org/draft-06/schema#",
    "draft-07": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
    "iglu": "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#",
}
_BOUNDS = (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min))


def knows(dialect: str, keyword: str) -> bool:
    """Tell whether a draft gives a keyword a meaning."""
    return keyword in DIALECTS[dialect] or keyword in ANNOTATIONS


def upgrade(own: Mapping[str, Any], dialect: str) -> tuple[Own, Own]:
    """Return one schema's keywords in their 2020-12 form, and those that check nothing.

    Args:
        own: the keywords of one schema; schemas inside are left as they are.
        dialect: the draft they are written in.
    """
    known = {key: value for key, value in own.items() if knows(dialect, key)}
    kept = {key: value for key, value in own.items() if key not in known}
    for drafts, step in _UP:
        if dialect in drafts:
            step(known, kept)
    return known, kept


def downgrade(own: Mapping[str, Any], dialect: str) -> tuple[Own, list[str]]:
    """Return one schema's 2020-12 keywords in the form of a draft, and those it has no word for."""
    result = dict(own)
    for drafts, step in _DOWN:
        if dialect in drafts:
            step(result)
    missing = [key for key in result if not knows(dialect, key)]
    return {key: value for key, value in result.items() if key not in missing}, missing


def carried(kept: Mapping[str, Any], source: str, target: str, *, beside_ref: bool) -> Own:
    """Return those idle keywords that stay idle in another draft: the rest would begin to act."""
    return {
        key: value
        for key, value in kept.items()
        if source == target or not _wakes(key, source, target, beside_ref=beside_ref)
    }


def translate(schema: Any, source: str, target: str, at: str = "") -> tuple[Any, list[Loss]]:
    """Return a whole schema in another draft, and what that draft cannot say."""
    if source == target or not isinstance(schema, dict):
        return schema, []
    losses: list[Loss] = []
    inner = {
        k: _inner(k, v, source, target, f"{at}/{escape(k)}", losses) for k, v in schema.items()
    }
    known, kept = upgrade(inner, source)
    own, missing = downgrade(known, target)
    stays = carried(kept, source, target, beside_ref="$ref" in schema)
    losses += lost_keywords([*missing, *(kept.keys() - stays)], target, at)
    return own | stays, losses


def lost_keywords(keywords: list[str], target: str, at: str) -> Iterator[Loss]:
    """Yield the loss of each keyword that a draft cannot say."""
    for key in sorted(keywords):
        what = f"`{key}` cannot be said in {target}."
        yield Loss(f"{at}/{escape(key)}", what, "Write it in that draft's own words by hand.")


def _inner(key: str, value: Any, source: str, target: str, at: str, losses: list[Loss]) -> Any:
    def one(schema: Any, place: str) -> Any:
        result, lost = translate(schema, source, target, place)
        losses.extend(lost)
        return result

    if key in MAP and isinstance(value, dict):
        return {name: one(inner, f"{at}/{escape(name)}") for name, inner in value.items()}
    if (key in LIST or key == ARRAYS) and isinstance(value, list):
        return [one(inner, f"{at}/{index}") for index, inner in enumerate(value)]
    return one(value, at) if key in SCHEMA or key == ARRAYS else value


def _wakes(key: str, source: str, target: str, *, beside_ref: bool) -> bool:
    if not knows(target, key):
        return False
    idle_ref = beside_ref and (source in TO_DRAFT_7) != (target in TO_DRAFT_7)
    return idle_ref or not knows(source, key) or key in ("exclusiveMinimum", "exclusiveMaximum")


def _id_up(known: Own, _: Own) -> None:
    if "id" in known:
        known["$id"] = known.pop("id")


def _exclusive_up(known: Own, kept: Own) -> None:
    for bound, strict, _ in _BOUNDS:
        if strict not in known:
            continue
        on = known.pop(strict)
        if on is True and bound in known:
            known[strict] = known.pop(bound)
        else:
            kept[strict] = on


def _items_up(known: Own, kept: Own) -> None:
    rest = {"items": known.pop("additionalItems")} if "additionalItems" in known else {}
    if isinstance(known.get("items"), list):
        known["prefixItems"] = known.pop("items")
        known.update(rest)
    elif rest:
        kept["additionalItems"] = rest["items"]


def _dependencies_up(known: Own, _: Own) -> None:
    given = known.get("dependencies")
    if not isinstance(given, dict):
        return
    names = {key: value for key, value in given.items() if isinstance(value, list)}
    schemas = {key: value for key, value in given.items() if key not in names}
    del known["dependencies"]
    known.update({"dependentRequired": names} if names or not schemas else {})
    known.update({"dependentSchemas": schemas} if schemas else {})


def _reference_up(known: Own, kept: Own) -> None:
    if "$ref" in known:
        idle = [key for key in known if key != "$ref" and key not in ABOUT]
        kept.update({key: known.pop(key) for key in idle})


def _definitions_up(known: Own, _: Own) -> None:
    if "definitions" in known:
        known["$defs"] = known.pop("definitions")


def _id_down(own: Own) -> None:
    if "$id" in own:
        own["id"] = own.pop("$id")


def _exclusive_down(own: Own) -> None:
    for bound, strict, tighter in _BOUNDS:
        limit, plain = own.get(strict), own.get(bound)
        if not isinstance(limit, int | float) or not isinstance(plain, int | float | None):
            continue
        del own[strict]
        if plain is None or tighter(plain, limit) == limit:
            own.update({bound: limit, strict: True})


def _items_down(own: Own) -> None:
    if "prefixItems" in own:
        rest = {"additionalItems": own.pop("items")} if "items" in own else {}
        own["items"] = own.pop("prefixItems")
        own.update(rest)


def _dependencies_down(own: Own) -> None:
    names, schemas = own.pop("dependentRequired", None), own.pop("dependentSchemas", None)
    if names is not None or schemas is not None:
        own["dependencies"] = {**(names or {}), **(schemas or {})}


def _const_down(own: Own) -> None:
    if "const" in own and "enum" not in own:
        own["enum"] = [own.pop("const")]


def _definitions_down(own: Own) -> None:
    if "$defs" in own:
        own["definitions"] = own.pop("$defs")


_UP: tuple[tuple[tuple[str, ...], Callable[[Own, Own], None]], ...] = (
    (OLD_ID, _id_up),
    (OLD_ID, _exclusive_up),
    (TO_2019, _items_up),
    (TO_DRAFT_7, _dependencies_up),
    (TO_DRAFT_7, _definitions_up),
    (TO_DRAFT_7, _reference_up),
)
_DOWN: tuple[tuple[tuple[str, ...], Callable[[Own], None]], ...] = (
    (OLD_ID, _id_down),
    (OLD_ID, _exclusive_down),
    (OLD_ID, _const_down),
    (TO_2019, _items_down),
    (TO_DRAFT_7, _dependencies_down),
    (TO_DRAFT_7, _definitions_down),
)
