{#-
    SQL, an aggregate: the value of a column in the row with the greatest `by`, NULL if it is NULL there.

    Deterministic where `by` names one row of the group: a day, or (event_time, event_id).

    Args: the column, one SQL expression or a list of them to order by.
-#}
{% macro value_at_last(column, by) -%}
    {%- set order = [by] if by is string else by -%}
    {{ return(adapter.dispatch("value_at_last")(column, order)) }}
{%- endmacro %}

{% macro duckdb__value_at_last(column, order) -%}
    {%- set by = order[0] if order | length == 1 else "row(" ~ order | join(", ") ~ ")" -%}
    arg_max_null({{ column }}, {{ by }})
{%- endmacro %}

{% macro bigquery__value_at_last(column, order) -%}
    array_agg({{ column }} order by {{ order | join(" desc, ") }} desc limit 1)[safe_offset(0)]
{%- endmacro %}
