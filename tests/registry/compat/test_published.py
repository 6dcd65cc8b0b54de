"""Transitions that real maintainers labelled: which of the non-major ones break a reader all the same.

Wikimedia's own list of exceptions (`.jsonschema-tools.yaml`) is the oracle of the first table. For
Snowplow's there is none, so each entry of the second says why it breaks somebody in mode backward.
"""

from __future__ import annotations

from weir.registry.compat import broken, compare

WIKIMEDIA = {
    "analytics/legacy/editattemptstep 1.5.0": {
        "/properties/is_anon": "property_removed", "/properties/is_bot": "property_removed",
        "/properties/skin": "property_removed",
    },
    "analytics/legacy/templatewizard 1.2.0": {
        "/properties/http/properties/client_ip": "property_removed",
    },
    "analytics/legacy/test 1.1.0": {"/required": "required_added"},
    "analytics/legacy/test 1.2.0": {"/properties/http/properties/client_ip": "property_removed"},
    "analytics/legacy/universallanguageselector 1.1.0": {
        "/properties/event/properties/token": "property_removed",
    },
    "analytics/mediawiki/client/metrics_event 2.1.1": {
        "/properties/name/maxLength": "limit_tightened",
        "/properties/name/mexLength": "not_comparable",
    },
    "analytics/mediawiki/web_ui_scroll 1.0.3": {
        "/properties/app_install_id": "property_removed",
        "/properties/app_session_id": "property_removed",
    },
    "analytics/product_metrics/app/base 1.2.2": {
        "/properties/element_id/maxLength": "limit_tightened",
        "/properties/element_id/mexLength": "not_comparable",
    },
    "analytics/product_metrics/web/base 1.3.0": {
        "/properties/element_id/maxLength": "limit_tightened",
        "/properties/element_id/mexLength": "not_comparable",
    },
    "analytics/test 1.1.0": {"/properties/http/properties/client_ip": "property_removed"},
    "fragment/analytics/common 1.1.0": {
        "/properties/http/properties/client_ip": "property_removed",
    },
    "fragment/analytics/legacy/eventcapsule 1.2.0": {
        "/properties/http/properties/client_ip": "property_removed",
    },
    "fragment/analytics/product_metrics/common 1.1.1": {
        "/properties/element_id/maxLength": "limit_tightened",
        "/properties/element_id/mexLength": "not_comparable",
    },
    "fragment/analytics/web 1.0.1": {
        "/properties/app_install_id": "property_removed",
        "/properties/app_session_id": "property_removed",
    },
}  # fmt: skip
"""The 14, each with every place that is flagged and the rule."""

IGLU = {
    "com.snowplowanalytics.accelerators.travel/schedule_update 1.0.1": (
        {"limit_tightened"},
        "`schedule` had no maxLength and has one: a stored longer one is invalid when judged again.",
    ),
    "com.snowplowanalytics.mobile/remote_config 1.0.1": (
        {"limit_tightened"},
        "A maximum and several maxLengths where there were none: as above.",
    ),
    "com.snowplowanalytics.snowplow.badrows/loader_runtime_error 1.0.1": (
        {"property_removed", "required_added"},
        "`event` and `error` are gone from a closed object, `failure` and `payload` are required.",
    ),
    "com.snowplowanalytics.snowplow.enrichments/bot_detection_enrichment_config 1.0.1": (
        {"required_added"},
        "A new required key: no earlier document has it.",
    ),
    "com.snowplowanalytics.snowplow.storage/postgresql_config 1.1.0": (
        {"type_changed"},
        "`password` was a string and may be an object: a VARCHAR column cannot hold it.",
    ),
    "com.snowplowanalytics.snowplow.storage/redshift_config 2.1.0": (
        {"type_changed"},
        "As for PostgreSQL: the column changes its type.",
    ),
    "com.snowplowanalytics.snowplow/client_session 1.0.1": (
        {"limit_tightened"},
        "`userId` had no maxLength and has 36.",
    ),
}
"""The 7, each with its rules and why a reader stumbles."""

IGLU_NOT = {
    "nl.basjes/yauaa_context 1.0.5": (
        "Five enums become strings of at most 128 characters, and each listed value is shorter: "
        "whatever was valid still is. It narrows nothing."
    ),
    "com.snowplowanalytics.snowplow/ip_lookups 2.0.1": (
        "`asn` is new and optional; only what is inside it is required. No earlier document has it."
    ),
    "com.snowplowanalytics.snowplow.storage/snowflake_config 1.0.3": (
        "One more option of `oneOf`, an object that requires `integrationName`, which no other "
        "option declares: an earlier `auth` fits the same one option as before."
    ),
}
"""Looked at by hand because they look like breaking ones, and are not."""


def flagged(step):
    return broken(compare(step.old, step.new), "backward")


def test_wikimedias_own_exceptions_and_no_other(wikimedia_steps):
    minor = [step for step in wikimedia_steps if step.before[0] == step.after[0]]
    assert (len(wikimedia_steps), len(minor)) == (278, 251)
    found = {step.name: flagged(step) for step in minor}
    places = {
        name: {one.pointer: one.rule for one in several}
        for name, several in found.items()
        if several
    }
    assert places == WIKIMEDIA
    assert all(one.reason and one.remedy for several in found.values() for one in several)


def test_seven_of_iglus_with_an_argument_each(iglu_steps):
    small = [step for step in iglu_steps if step.before[0] == step.after[0]]
    assert (len(iglu_steps), len(small)) == (141, 94)
    found = {step.name: {one.rule for one in flagged(step)} for step in small}
    assert {name: rules for name, rules in found.items() if rules} == {
        name: rules for name, (rules, _) in IGLU.items()
    }
    assert found.keys() >= IGLU_NOT.keys()


def test_what_only_looks_breaking_is_not(iglu_steps):
    for step in iglu_steps:
        if step.name in IGLU_NOT:
            assert not any(one.backward for one in compare(step.old, step.new)), step.name


def test_major_steps_mostly_break_something(iglu_steps, wikimedia_steps):
    """No transition is passed over in silence: a label of a break has differences to show for it."""
    major = [step for step in (*iglu_steps, *wikimedia_steps) if step.before[0] != step.after[0]]
    silent = [step.name for step in major if not list(compare(step.old, step.new))]
    assert len(major) == 74
    assert silent == []
