"""Personal data: what looks like it and is not tagged; what only sounds like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from weir.registry import Event
from weir.registry.dictionary import Dictionary, Term
from weir.registry.findings import Finding, Severity
from weir.registry.personal import HARMLESS, NAMES
from weir.registry.personal import personal as hints
from weir.registry.words import singular, words

Make = Callable[..., Event]


def personal(event: Event, **terms: bool | None) -> list[Finding]:
    said = {name: Term(name, "It.", personal=value) for name, value in terms.items()}
    return list(hints(event, Dictionary({"parameter": said})))


def looks(make: Make, name: str, **schema: object) -> bool:
    return bool(personal(make({name: {"type": "string", **schema}})))


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in NAMES])
@pytest.mark.parametrize("form", ["{}", "buyer_{}", "{}_2"])
def test_every_word_of_the_table_is_found(make_event: Make, phrase: str, form: str):
    assert looks(make_event, form.format(phrase.replace(" ", "_")))


def test_the_table_is_consistent():
    phrases = [phrase for phrase, _ in NAMES]
    assert len(phrases) == len(set(phrases))
    for phrase in phrases:
        split = words(phrase)
        assert " ".join(map(singular, split)) == phrase
        assert not HARMLESS & set(split)


@pytest.mark.parametrize(
    "name",
    ["ip_count", "emailed", "zip", "clip", "email_verified", "phone_model", "address_bar", "shipped",
     "ip_version", "telemetry", "item_name", "name", "file_name", "flat", "lateral", "secretary_count",
     "email_template", "is_address_known", "birthplace_count", "email_hash"],
)  # fmt: skip
def test_what_only_sounds_like_it_is_let_be(make_event: Make, name: str):
    assert not looks(make_event, name)


@pytest.mark.parametrize("form", ["email", "ipv4", "ipv6"])
def test_a_format_tells(make_event: Make, form: str):
    assert looks(make_event, "value", format=form)
    assert not looks(make_event, "value", format="uuid")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Email address of the buyer.", True),
        ("Name of the customer.", True),
        ("Where it goes: the delivery address.", True),
        ("주문자의 전화번호", True),
        ("Number of email addresses given.", False),
        ("Whether the phone number was checked.", False),
        ("Name of the item.", False),
        ("전화번호 입력 여부", False),
    ],
)
def test_a_description_tells(make_event: Make, text: str, found: bool):
    assert looks(make_event, "value", description=text) is found


def test_numbers_and_flags(make_event: Make):
    assert not looks(make_event, "email", type="boolean")
    assert not looks(make_event, "address", type="integer")
    assert looks(make_event, "phone", type="integer")
    assert looks(make_event, "emails", type="array", items={"type": "string"})


def test_a_tag_or_a_reason_ends_it(make_event: Make):
    event = make_event({"email": {"type": "string"}, "phone": {"type": "string"}})
    assert len(personal(event)) == 2
    tagged = replace(event, pii={"email": "hash"})
    (hint,) = personal(tagged)
    assert (hint.pointer, hint.severity) == ("/properties/phone", Severity.HINT)
    assert not looks(make_event, "phone", **{"$comment": "Not personal: the shop's own line."})


def test_what_is_inside_is_told_with_its_column(make_event: Make):
    person = {"type": "object", "properties": {"email": {"type": "string"}}}
    event = make_event({"buyer": person, "others": {"type": "array", "items": person}})
    found = {f.pointer: f.what + f.remedy for f in personal(event)}
    assert "`buyer__email`" in found["/properties/buyer/properties/email"]
    assert "`others`" in found["/properties/others/items/properties/email"]
    tagged = replace(event, pii={"buyer__email": "mask", "others": "drop"})
    assert personal(tagged) == []


def test_only_the_newest_version_counts(make_event: Make):
    assert personal(make_event({"email": {"type": "string"}}, {"page": {}})) == []


def test_the_dictionary_overrules_the_table(make_event: Make):
    event = make_event({"address": {"type": "string"}, "handle": {"type": "string"}})
    assert [f.pointer for f in personal(event)] == ["/properties/address"]
    assert [f.pointer for f in personal(event, address=None)] == ["/properties/address"]
    (hint,) = personal(event, address=False, handle=True)
    assert hint.pointer == "/properties/handle"
    assert "the dictionary says so" in hint.what
    assert personal(replace(event, pii={"handle": "hash"}), address=False, handle=True) == []
