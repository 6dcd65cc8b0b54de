"""Finds parameters that look personal and are not tagged in the event's `pii`. Hints, never errors.

The words are one reviewed table; the dictionary may overrule it for a parameter's name. A parameter
that only looks personal says so for good with a `$comment` that begins with "Not personal".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from weir.registry.dictionary import PARAMETER, Dictionary
from weir.registry.findings import Finding, Severity
from weir.registry.keywords import core_type
from weir.registry.model import PII, Event
from weir.registry.walk import Declared, declared
from weir.registry.words import singular, words

FORMATS = {
    "email": "an email address",
    "idn-email": "an email address",
    "ipv4": "an IP address",
    "ipv6": "an IP address",
}
NAMES: tuple[tuple[str, str], ...] = (
    ("email", "an email address"), ("e mail", "an email address"), ("mail address", "an email address"),
    ("phone", "a phone number"), ("mobile number", "a phone number"), ("msisdn", "a phone number"),
    ("telephone", "a phone number"), ("tel", "a phone number"), ("fax", "a phone number"),
    ("ip", "an IP address"), ("ipv4", "an IP address"), ("ipv6", "an IP address"),
    ("mac address", "a device's address"), ("imei", "a device's number"),
    ("idfa", "an advertising id"), ("gaid", "an advertising id"), ("adid", "an advertising id"),
    ("address", "an address"), ("street", "an address"), ("postcode", "an address"),
    ("postal code", "an address"), ("zip code", "an address"), ("zipcode", "an address"),
    ("latitude", "a place"), ("longitude", "a place"), ("lat", "a place"), ("lng", "a place"),
    ("first name", "a person's name"), ("last name", "a person's name"),
    ("full name", "a person's name"), ("middle name", "a person's name"),
    ("given name", "a person's name"), ("family name", "a person's name"),
    ("surname", "a person's name"), ("nickname", "a person's name"),
    ("user name", "a person's name"), ("username", "a person's name"),
    ("customer name", "a person's name"), ("person name", "a person's name"),
    ("recipient name", "a person's name"), ("sender name", "a person's name"),
    ("contact name", "a person's name"), ("author name", "a person's name"),
    ("birth", "a date of birth"), ("birthday", "a date of birth"), ("birthdate", "a date of birth"),
    ("birthyear", "a date of birth"), ("dob", "a date of birth"),
    ("gender", "a person's gender"), ("ssn", "a national id"), ("passport", "a national id"),
    ("national id", "a national id"), ("tax id", "a national id"), ("rrn", "a national id"),
    ("iban", "a bank account"), ("bank account", "a bank account"), ("card number", "a card number"),
    ("cvv", "a card number"), ("cvc", "a card number"),
    ("password", "a secret"), ("passwd", "a secret"), ("secret", "a secret"),
    ("access token", "a secret"), ("auth token", "a secret"), ("api key", "a secret"),
    ("이메일", "an email address"), ("전화번호", "a phone number"), ("휴대폰", "a phone number"),
    ("주소", "an address"), ("생년월일", "a date of birth"), ("이름", "a person's name"),
    ("성명", "a person's name"), ("주민등록번호", "a national id"),
)  # fmt: skip
"""Words that follow each other in a parameter's name, and what it then probably is."""

HARMLESS = frozenset(
    (
        "attempt", "attempts", "bar", "book", "bounced", "bytes", "campaign", "category", "changed",
        "city", "class", "click", "clicked", "clicks", "confirmed", "count", "counts", "country",
        "delivered", "domain", "enabled", "error", "errors", "field", "format", "has",
        "hash", "hashed", "index", "is", "kind", "len", "length", "limit", "model", "num", "opened",
        "opt", "option", "page", "policy", "prefix", "protocol", "provider", "range", "rank",
        "rate", "reason", "region", "required", "result", "screen", "sent", "size", "source",
        "state", "status", "step", "strength", "subject", "subscribed", "support", "template",
        "total", "type", "types", "update", "updated", "url", "valid", "validated", "verified",
        "version", "visible", "was",
    )
)  # fmt: skip
"""Words that make it something *about* such data: `ip_count`, `email_verified`, `address_type`."""

TEXTS = re.compile(
    r"\b(e-?mail address(?:es)?|phone numbers?|telephone numbers?|ip address(?:es)?|(?:street|home|"
    r"postal|delivery|shipping) address(?:es)?|(?:first|last|full|family) names?|date of birth|"
    r"birthdays?|name of the (?:user|customer|person|member|sender|recipient|buyer|author)|"
    r"(?:user|customer|person|member|sender|recipient|buyer|author)'s (?:full )?name|credit card numbers?|passport numbers?|social security numbers?)\b"
    r"|이메일 주소|전화번호|휴대폰 번호|집 주소|배송지|생년월일|주민등록번호|성명",
    re.IGNORECASE,
)
"""What a description says when the value is personal."""
_ABOUT = re.compile(
    r"\b(number of|count of|whether|how many|length of|share of|type of)\b|여부|개수", re.I
)
_COMMENT = "not personal"
_NUMERIC = frozenset(
    (
        "a phone number",
        "a place",
        "a date of birth",
        "a national id",
        "a bank account",
        "a card number",
    )
)
_TEXT_ONLY = ("string", "array", "object", None)


def personal(event: Event, dictionary: Dictionary, version: int | None = None) -> Iterator[Finding]:
    """Yield a hint for each parameter of a version that looks personal and is not tagged.

    Args:
        event: the event.
        dictionary: what its section `parameter` says of a name goes before a guess.
        version: the version or draft; default is the newest version.
    """
    terms = dictionary.of(PARAMETER)
    number = event.newest if version is None else version
    for one in declared(event.schema_of(number)):
        if one.column in event.pii or _said_not(one) or core_type(one.schema) == "boolean":
            continue
        term = terms.get(one.name)
        said = term.personal if term else None
        if said is False:
            continue
        guess = ("personal data", "the dictionary says so") if said else looks_personal(one)
        if guess is not None:
            column = "" if one.column == one.dotted else f" (column `{one.column}`)"
            remedy = (
                f"Tag `{one.column}` in event.json under `pii`: {' | '.join(PII)}; or, if it is not,"
                " say so in the dictionary (`personal`: false), or in a `$comment`: Not personal, …."
            )
            what = f"`{one.dotted}`{column} looks like {guess[0]}: {guess[1]}."
            yield Finding(one.pointer, "personal", what, remedy, Severity.HINT)


def looks_personal(one: Declared) -> tuple[str, str] | None:
    """Return what a parameter probably is, and what it looks like it for; None if nothing does."""
    schema = one.schema
    form = schema.get("format")
    if isinstance(form, str) and form in FORMATS:
        return FORMATS[form], f"its format is {form}"
    name = words(one.name)
    return _by_name(name, core_type(schema)) or _by_text(
        str(schema.get("description", "")), name, core_type(schema)
    )


def _by_name(name: list[str], kind: str | None) -> tuple[str, str] | None:
    if HARMLESS & set(name):
        return None
    said = f" {' '.join(map(singular, name))} "
    for phrase, what in NAMES:
        if f" {phrase} " in said and (kind in _TEXT_ONLY or what in _NUMERIC):
            return what, f"its name has `{phrase.replace(' ', '_')}`"
    return None


def _by_text(text: str, name: list[str], kind: str | None) -> tuple[str, str] | None:
    match = TEXTS.search(text)
    if not match or kind not in _TEXT_ONLY or _ABOUT.search(text) or HARMLESS & set(name):
        return None
    return "personal data", f"its description says “{match[0]}”"


def _said_not(one: Declared) -> bool:
    return str(one.schema.get("$comment", "")).lower().startswith(_COMMENT)
