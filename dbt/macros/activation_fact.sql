{#-
    The contract of a fact, from its `config.meta.weir`. Only while executing: dbt's graph is empty
    when it parses.

    Returns: a mapping with fact, key, zone, week_start, first (date), last (date or none), dimensions (a
    list of columns), born (the column that says when a key counts as New, none for its first activity),
    horizon (periods for which an Inactive key keeps a row, none for no such rows), wakeup.
-#}
{% macro activation_fact(fact) -%}
    {%- set weir = fact_meta(fact) -%}
    {%- set remedy = (
        "Add to the model's YAML: `config: {meta: {weir: {kind: fact, key: user_id, time_zone: UTC, "
        ~ "start: 2026-01-01}}}`."
    ) -%}
    {%- if not weir or weir.get("kind") != "fact" -%}
        {{ exceptions.raise_compiler_error("The model `" ~ fact ~ "` is no fact. " ~ remedy) }}
    {%- endif -%}
    {%- for needed in ["key", "time_zone", "start"] if not weir.get(needed) -%}
        {{
            exceptions.raise_compiler_error(
                "The fact `" ~ fact ~ "` lacks `meta.weir." ~ needed ~ "`. " ~ remedy
            )
        }}
    {%- endfor -%}
    {%- set end = weir.get("end") -%}
    {%- set birth = weir.get("birth", "first_activity") -%}
    {{
        return(
            {
                "fact": fact,
                "key": weir["key"],
                "zone": weir["time_zone"],
                "week_start": weir.get("week_start", "monday"),
                "first": activation_date(weir["start"]),
                "last": activation_date(end) if end else none,
                "dimensions": weir.get("dimensions") or [],
                "born": none if birth == "first_activity" else birth,
                "horizon": weir.get("inactive_rows") or none,
                "spans": none,
                "wakeup": weir.get("wakeup_latency", 2),
            }
        )
    }}
{%- endmacro %}
