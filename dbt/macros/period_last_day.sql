{#- SQL: the last day of the period with this index. -#}
{% macro period_last_day(unit, number, week_start="monday") -%}
    {{ return(adapter.dispatch("period_last_day")(unit, number, week_start)) }}
{%- endmacro %}

{% macro duckdb__period_last_day(unit, number, week_start) -%}
    ({{ period_start(unit, number ~ " + 1", week_start) }} - 1)
{%- endmacro %}

{% macro bigquery__period_last_day(unit, number, week_start) -%}
    date_sub({{ period_start(unit, number ~ " + 1", week_start) }}, interval 1 day)
{%- endmacro %}
