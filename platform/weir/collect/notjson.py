"""Why a text is no JSON, and how to mend it: line, column, the place, the usual mistakes. Pure.

Runs only for texts that could not be read. The reader's own words are `weir.collect.jsontext`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

AROUND = 40
"""Characters that are shown before and after the place."""
MARK = ">>>"


class Trouble(NamedTuple):
    """What is wrong with a text.

    Args:
        why: in a few words.
        remedy: what to do, as a sentence.
        line: from 1; None where it is no matter of a place.
        column: in characters, from 1.
        excerpt: the text around the place, which the mark precedes.
    """

    why: str
    remedy: str
    line: int | None = None
    column: int | None = None
    excerpt: str | None = None

    @property
    def said(self) -> str:
        """The reason with its place."""
        return (
            self.why if self.line is None else f"{self.why}, line {self.line}, column {self.column}"
        )

    @property
    def place(self) -> dict[str, object]:
        """The place as fields of an answer."""
        found = {"line": self.line, "column": self.column, "excerpt": self.excerpt}
        return {key: value for key, value in found.items() if value is not None}


def diagnose(data: bytes, message: str, at: int | None, *, ndjson: bool = False) -> Trouble:
    """Return what is wrong with a text that could not be read.

    Args:
        data: the text.
        message: what the reader said.
        at: the character it stumbled on, if it told.
        ndjson: whether the text is one line of several, each of which is to be an object.
    """
    whole = _of_the_whole(data)
    if whole is not None:
        return whole
    text = data.decode(errors="replace")
    at = min(at or 0, len(text))
    joined = _is_joined(text, at, message)
    why, remedy = (
        (_JOINED_WHY, _JOINED_REMEDY) if joined
        else (ndjson and _of_the_line(text, at, message)) or _of_the_place(text, at, message)
    )  # fmt: skip
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return Trouble(why, remedy, line, column, (_joint if joined else _excerpt)(text, at))


_JOINED_WHY = "another object on the same line"
_JOINED_REMEDY = (
    "Put a line break between the objects, or send one array [{…}, {…}], to /v1/batch;"
    " `curl -d @file` removes line breaks: send the file with --data-binary @file."
)
_FRAGMENT = re.compile(r'[\[\]{}][\[\]{},\s]*|"(?:[^"\\]|\\.)*"\s*:.*', re.DOTALL)
_OPEN_END = ("{", "[", ",", ":")


def _is_joined(text: str, at: int, message: str) -> bool:
    """Tell whether a second object begins where the first of the same line has ended."""
    if "after document" not in message or text[at : at + 1] != "{":
        return False
    return text[:at].rstrip(" \t").endswith("}")


def _of_the_line(text: str, at: int, message: str) -> tuple[str, str] | None:
    """Return what is wrong with a line that is only a part of a text over several lines."""
    if "after document" in message and text[at:].strip() == ",":
        return (
            "a comma after the value",
            "Write one object per line without a comma between them, or send one array [{…}, {…}].",
        )
    bare = text.strip()
    if _FRAGMENT.fullmatch(bare) or ("end of data" in message and bare.endswith(_OPEN_END)):
        return (
            "part of an object that goes over several lines",
            "Write one object per line (`jq -c .` does), or send one array [{…}, {…}].",
        )
    return None


_JSON = 'Send JSON, such as {"name": …, "time": …, "params": {…}}.'
_WHOLE: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern), why, remedy)
    for pattern, why, remedy in (
        (rb"\s*\Z", "it is empty", _JSON),
        (rb"\x1f\x8b", "it is gzip", "Send the header `Content-Encoding: gzip` with it."),
        (rb"\x28\xb5\x2f\xfd", "it is zstd", "Compress it as gzip, or send it uncompressed."),
        (rb"\xef\xbb\xbf", "it begins with a byte order mark (BOM)",
         "Save the text as UTF-8 without BOM."),
        (rb"\xff\xfe|\xfe\xff|.\0|\0", "it is UTF-16 or UTF-32, not UTF-8",
         "Send the text as UTF-8."),
        (rb"\s*<", "it is HTML or XML", _JSON),
        (rb"[\w.%+\[\]-]+=", "it is a form (key=value)",
         "Send JSON: curl -d '{\"name\": …}', without --data-urlencode or -F."),
    )
)  # fmt: skip


def _of_the_whole(data: bytes) -> Trouble | None:
    for pattern, why, remedy in _WHOLE:
        if pattern.match(data):
            return Trouble(why, remedy)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        shown = data[error.start : error.start + 1].hex()
        text = data[: error.start].decode()
        return Trouble(
            f"the byte 0x{shown} is not UTF-8", "Encode the text as UTF-8.",
            text.count("\n") + 1, len(text) - text.rfind("\n"), _excerpt(text, len(text)),
        )  # fmt: skip
    return None


Rule = tuple[Callable[[str, str], object], str, str]
"""(does it apply to (what follows, the reader's message), why, remedy)."""

_PLACES: tuple[Rule, ...] = (
    (lambda after, _: after[:1] in ("'", "‘", "’"), "a single quote",
     "JSON texts stand in double quotes; in a shell, put the whole body in single quotes."),
    (lambda after, _: after[:1] in ("“", "”", "„"), "a typographic quote",
     'Use plain double quotes: ".'),
    (lambda after, m: "infinity" in m and re.match(r"-?\d", after),
     "a number that is too large",
     "Numbers go up to 1.8e308: send a smaller one, or text in quotes."),
    (lambda after, m: re.match(r"[+-]?(NaN|nan|Infinity|inf)\b", after) or "infinity" in m,
     "a number that is not finite", "JSON has no NaN or Infinity: send null, or leave it out."),
    (lambda after, _: re.match(r"(True|False|None)\b", after), "a word of Python",
     "Write true, false and null in lower case, or use json.dumps."),
    (lambda after, _: re.match(r"undefined\b", after), "`undefined`",
     "JSON has no undefined: send null, or leave the key out."),
    (lambda _, m: "trailing comma" in m, "a comma before a closing bracket",
     "Remove the comma."),
    (lambda after, _: re.match(r"//|/\*|#", after), "a comment",
     "JSON has no comments: remove it."),
    (lambda after, m: "string key" in m and re.match(r"[\w$]", after),
     "a key without double quotes",
     'Write {"key": …}; in a shell, put the whole body in single quotes, or in a file: curl -d @file.'),
    (lambda _, m: "end of data" in m, "it ends early",
     "Close what is open: a text, a list or an object."),
    (lambda after, m: "after document" in m and after[:1] in ("}", "]"),
     "a closing bracket too many", "Remove it."),
    (lambda _, m: "after document" in m, "more text after the value",
     "Send one object to /v1/events; several, one per line, to /v1/batch (curl --data-binary @file)."),
    (lambda _, m: "control character" in m, "a line break or control character inside a text",
     "Write a line break as \\n and a tab as \\t inside texts."),
    (lambda _, m: "surrogate" in m, "half of a surrogate pair",
     "Write the character itself, or both halves: \\ud83d\\ude00."),
    (lambda _, m: "escape" in m, "a backslash that escapes nothing",
     "Write a backslash as \\\\."),
    (lambda _, m: "leading zero" in m, "a number that begins with 0",
     'Remove the zero, or send a text: "007".'),
    (lambda after, m: "digit" in m or after[:1] == "+", "a number that is not written as in JSON",
     "Write digits before and after the point and no plus sign: 0.5."),
    (lambda _, m: "expected ','" in m, "a missing comma", "Put a comma before it."),
    (lambda _, m: "expected ':'" in m, "a missing colon", "Put a colon after the key."),
    (lambda after, _: re.match(r"[A-Za-z]", after), "a word without quotes",
     "Put texts in double quotes; in a shell, put the whole body in single quotes."),
)  # fmt: skip


def _of_the_place(text: str, at: int, message: str) -> tuple[str, str]:
    after = text[at : at + 20]
    for applies, why, remedy in _PLACES:
        if applies(after, message):
            return why, remedy
    return message[:100], "Serialise the event with a JSON library."


def _excerpt(text: str, at: int) -> str:
    """Return the line around a place, with the mark in front of it."""
    first, last = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    last = len(text) if last < 0 else last
    before, after = text[max(first, at - AROUND) : at], text[at : min(last, at + AROUND)]
    head = "…" if at - AROUND > first else ""
    return f"{head}{before}{MARK}{after}{'…' if at + AROUND < last else ''}"


def _joint(text: str, at: int) -> str:
    """Return the place between two objects of a line, with the beginning of the line."""
    first, last = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line, after = text[first:at], text[at : last if last >= 0 else len(text)]
    head = line if len(line) <= AROUND else f"{line[:AROUND]}…"
    return f"{head}{MARK}{after[:AROUND]}{'…' if len(after) > AROUND else ''}"
