{#- SQL: the calendar date, in a time zone, of a UTC instant. -#}
{% macro local_date(instant, zone) -%}
    {{ return(adapter.dispatch("local_date")(instant, zone)) }}
{%- endmacro %}

{% macro duckdb__local_date(instant, zone) -%}
    {%- if zone == "UTC" -%} cast({{ instant }} as date)
    {%- else -%} cast(timezone('{{ zone }}', timezone('UTC', {{ instant }})) as date)
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__local_date(instant, zone) -%} date({{ instant }}, '{{ zone }}') {%- endmacro %}
