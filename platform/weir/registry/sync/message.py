"""The words of a save: the commit's message and the branch's name. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from weir.core.errors import InvalidValue
from weir.registry.dictionary import FILE
from weir.registry.sync.change import ROOT
from weir.registry.sync.columndiff import LogChange, as_text

STEM = "events/"
_SUBJECT = 72
_LONGEST = 10_000


def subject_of(paths: Collection[str], diff: Collection[LogChange]) -> str:
    """Return the first line of a commit message.

    >>> subject_of(["shop/view_item_shop/event.json"], [])
    'Change view_item_shop'
    """
    names = events_of(paths)
    what = ", ".join(names) or ("the dictionary" if FILE in paths else "the events")
    columns = [f"{c.sign} {c.name}" for log in diff for c in log.columns] if len(names) == 1 else []
    long = f"Change {what}: {', '.join(columns)}" if columns else f"Change {what}"
    if len(long) <= _SUBJECT:
        return long
    short = f"Change {what}" if len(names) == 1 else f"Change {len(names)} events"
    return short[:_SUBJECT]


def message_of(given: str | None, paths: Collection[str], diff: Collection[LogChange]) -> str:
    """Return a commit message: the given words or a subject, and the column diff.

    Raises:
        InvalidValue: if the given words cannot be a message.
    """
    if given is not None and (not given.strip() or "\0" in given or len(given) > _LONGEST):
        raise InvalidValue("message", given[:80], ("a text of 1 to 10,000 characters",))
    head = given.strip() if given is not None else subject_of(paths, diff)
    body = as_text(diff) or "No column changes."
    return f"{head}\n\n{body}\n"


def stem_of(paths: Collection[str]) -> str:
    """Return what the branch of a change is called, without its number.

    >>> stem_of(["shop/view_item_shop/v2.json", "shop/view_item_shop/event.json"])
    'events/view_item_shop-'
    """
    names = events_of(paths)
    if len(names) > 1:
        return f"{STEM}several-"
    return f"{STEM}{names[0] if names else _single(paths)}-"


def next_branch(stem: str, taken: Iterable[str]) -> str:
    """Return the first free name.

    >>> next_branch("events/view_item_shop-", ["events/view_item_shop-1"])
    'events/view_item_shop-2'
    """
    used = {name.removeprefix(stem) for name in taken}
    number = 1 + max((int(n) for n in used if n.isascii() and n.isdigit()), default=0)
    return f"{stem}{number}"


def ordered(paths: Iterable[str]) -> list[str]:
    """Return files of a project in the order in which each makes sense with those before it."""
    return sorted(paths, key=lambda path: (_rank(path), path))


def _rank(path: str) -> int:
    if not path.startswith(f"{ROOT}/"):
        return 3
    if path.endswith("/event.json"):
        return 2
    return 0 if path.removeprefix(f"{ROOT}/").startswith(("fragments/", FILE)) else 1


def events_of(paths: Iterable[str]) -> list[str]:
    """Return the names of the events that files belong to, paths as in the events' folder."""
    parts = (path.split("/") for path in paths)
    return sorted({p[1] for p in parts if len(p) == 3 and p[0] != "fragments"})


def _single(paths: Collection[str]) -> str:
    return "dictionary" if FILE in paths else "registry"
