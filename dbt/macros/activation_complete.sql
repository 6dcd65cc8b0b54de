{#-
    SQL: whether all of a period has landed: its last day is over in the fact's zone, the close lag has
    passed, and landing is closed up to there.

    The closed instant is turned into the zone's date, not the period's end into an instant: that way
    round a clock change has one answer.
-#}
{% macro activation_complete(spec, number) -%}
    {{ return(adapter.dispatch("activation_complete")(spec, number)) }}
{%- endmacro %}

{% macro duckdb__activation_complete(spec, number) -%}
    {%- set lag = env_var("WEIR_CLOSE_LAG_MINUTES", "60") | int -%}
    coalesce(
        {{ period_last_day(spec.period, number, spec.week_start) }}
        < {{ local_date(closed_until() ~ " - interval '" ~ lag ~ " minutes'", spec.zone) }},
        false
    )
{%- endmacro %}

{% macro bigquery__activation_complete(spec, number) -%}
    {%- set lag = env_var("WEIR_CLOSE_LAG_MINUTES", "60") | int -%}
    coalesce(
        {{ period_last_day(spec.period, number, spec.week_start) }}
        < {{
            local_date(
                "timestamp_sub(" ~ closed_until() ~ ", interval " ~ lag ~ " minute)", spec.zone
            )
        }},
        false
    )
{%- endmacro %}
