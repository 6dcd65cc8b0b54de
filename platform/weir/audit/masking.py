"""Takes secrets and personal data out of what is written to the audit log, and bounds its length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import SecretStr

HIDDEN = "***"
MAX_TEXT, MAX_ITEMS, MAX_MESSAGE, MAX_DEPTH = 300, 20, 2_000, 4
_SECRET_KEY = re.compile(
    r"(^|_)(token|secret|password|passwd|credentials?|api_?key|private_key|authorization)$", re.I
)
_PERSONAL_KEY = re.compile(r"^(user_id|device_id|session_id|email|phone)s?$", re.I)
_BEARER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.I)
_WRITE_TOKEN = re.compile(r"\bweir_[0-9a-f]{10}_[0-9a-f]{8,}\b")
_KNOWN_TOKEN = re.compile(
    r"\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,})"
)
_ASSIGNED = re.compile(r"\b(token|secret|password|api[_-]?key)(\s*[=:]\s*)[^\s,;&'\"]+", re.I)
_IN_URL = re.compile(r"(\w+://)[^/\s:@]*(?::[^/\s@]*)?@")
_WEBHOOK = re.compile(r"(https://hooks\.slack\.com/services/)\S+", re.I)
_ADDRESS = re.compile(r"([\w.+-])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")


def masked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as JSON values, secrets and personal data masked, lengths bounded.

    >>> masked({"token": "weir_abc", "author": "Ann <ann@example.com>", "limit": 3})
    {'token': '***', 'author': 'Ann <a***@example.com>', 'limit': 3}
    """
    return {name: _value(name, value, 0) for name, value in arguments.items()}


def masked_text(text: str, longest: int = MAX_MESSAGE) -> str:
    """Return a text without secrets and addresses, cut to `longest` characters."""
    text = _IN_URL.sub(rf"\1{HIDDEN}@", text[: 2 * longest])
    text = _WEBHOOK.sub(rf"\1{HIDDEN}", text)
    for pattern in (_BEARER, _WRITE_TOKEN, _KNOWN_TOKEN):
        text = pattern.sub(HIDDEN, text)
    text = _ASSIGNED.sub(rf"\1\2{HIDDEN}", text)
    text = _ADDRESS.sub(rf"\1{HIDDEN}@\2", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _value(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, SecretStr) or _SECRET_KEY.search(name) or _PERSONAL_KEY.match(name):
        return HIDDEN
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return _mapping(value, depth)
    if depth < MAX_DEPTH and isinstance(value, (list, tuple, set, frozenset)):
        items = list(value) if not isinstance(value, (set, frozenset)) else sorted(map(str, value))
        more = [f"… and {len(items) - MAX_ITEMS} more"] if len(items) > MAX_ITEMS else []
        return [_value(name, item, depth + 1) for item in items[:MAX_ITEMS]] + more
    if is_dataclass(value) and not isinstance(value, type):
        return _value(name, asdict(value), depth)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return (
        text if isinstance(value, Path) and len(text) <= MAX_TEXT else masked_text(text, MAX_TEXT)
    )


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    kept = {str(k): _value(str(k), v, depth + 1) for k, v in list(value.items())[:MAX_ITEMS]}
    return kept | ({"…": f"{len(value) - MAX_ITEMS} more"} if len(value) > MAX_ITEMS else {})
