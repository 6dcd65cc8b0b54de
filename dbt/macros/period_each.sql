{#-
    SQL, behind a FROM clause: each row once for every index in [first, until), as column
    `period_number`; a row whose range is empty falls out. Both bounds may be columns.
-#}
{% macro period_each(first, until) -%}
    {{ return(adapter.dispatch("period_each")(first, until)) }}
{%- endmacro %}

{% macro duckdb__period_each(first, until) -%}
    cross join unnest(range({{ first }}, {{ until }})) as spine(period_number)
{%- endmacro %}

{% macro bigquery__period_each(first, until) -%}
    cross join unnest(generate_array({{ first }}, {{ until }} - 1)) as period_number
{%- endmacro %}
