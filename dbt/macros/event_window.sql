{#-
    SQL condition: the event's date in the zone lies in the range of this invocation, cut to the fact's
    first and last day.

    The date decides. Before it stand literal UTC bounds that hold every zone's window (no zone has been
    more than 16 hours from UTC), so that the engine can skip what is far away.

    Args: the column of the event's UTC time, the fact's time zone.
-#}
{% macro event_window(instant, zone) -%}
    {%- if not execute or not range_start() -%} {{ return("false") }} {%- endif -%}
    {%- set weir = (config.get("meta") or {}).get("weir", {}) -%}
    {%- set first = activation_date(range_start()) -%}
    {%- set until = activation_date(range_end()) -%}
    {%- if weir.get("start") -%}
        {%- set first = [first, activation_date(weir["start"])] | max -%}
    {%- endif -%}
    {%- if weir.get("end") -%}
        {%- set until = [
            until,
            activation_date(weir["end"]) + modules.datetime.timedelta(days=1),
        ] | min -%}
    {%- endif -%}
    {{ return(adapter.dispatch("event_window")(instant, zone, first, until)) }}
{%- endmacro %}

{% macro duckdb__event_window(instant, zone, first, until) -%}
    {%- set hours = modules.datetime.timedelta(hours=0 if zone == "UTC" else 16) -%}
    {%- set midnight = modules.datetime.time() -%}
    {%- set combine = modules.datetime.datetime.combine -%}
    (
        {{ instant }} >= timestamp '{{ combine(first, midnight) - hours }}'
        and {{ instant }} < timestamp '{{ combine(until, midnight) + hours }}'
        and {{ local_date(instant, zone) }} >= date '{{ first }}'
        and {{ local_date(instant, zone) }} < date '{{ until }}'
    )
{%- endmacro %}

{#- Common SQL. -#}
{% macro bigquery__event_window(instant, zone, first, until) -%}
    {{ return(duckdb__event_window(instant, zone, first, until)) }}
{%- endmacro %}
