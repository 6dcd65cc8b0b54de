{#-
    SQL: one row per index in [first, until), as column `period_number`. The calendar is counted, never
    taken from the data: a day that nobody visited is a day too.
-#}
{% macro period_spine(first, until) -%}
    {{ return(adapter.dispatch("period_spine")(first, until)) }}
{%- endmacro %}

{% macro duckdb__period_spine(first, until) -%}
    select spine.period_number from range({{ first }}, {{ until }}) as spine(period_number)
{%- endmacro %}

{% macro bigquery__period_spine(first, until) -%}
    select period_number from unnest(generate_array({{ first }}, {{ until - 1 }})) as period_number
{%- endmacro %}
