{#-
    SQL: the period index of a date expression. Neighbouring periods differ by exactly 1 in every unit,
    so that adjacency never depends on a month's length or on a clock change.

    Args: unit (day, week, month, quarter, year), an SQL date expression, the first day of the week.
-#}
{% macro period_index(unit, day, week_start="monday") -%}
    {{ return(adapter.dispatch("period_index")(unit, day, week_start)) }}
{%- endmacro %}

{#- `divide` is DuckDB's integer division: sqlfmt takes its operator `//` for a comment. -#}
{% macro duckdb__period_index(unit, day, week_start) -%}
    {%- if unit == "day" -%} ({{ day }} - date '0001-01-01' + 1)
    {%- elif unit == "week" -%}
        divide({{ day }} - date '0001-01-01' + {{ period_week_shift(week_start) }}, 7)
    {%- elif unit == "month" -%} (year({{ day }}) * 12 + month({{ day }}) - 1)
    {%- elif unit == "quarter" -%} (year({{ day }}) * 4 + quarter({{ day }}) - 1)
    {%- else -%} year({{ day }})
    {%- endif -%}
{%- endmacro %}

{#- Sums inside `div` and `mod` are in brackets: sqlglot writes both as operators for other engines. -#}
{% macro bigquery__period_index(unit, day, week_start) -%}
    {%- if unit == "day" -%}(date_diff({{ day }}, date '0001-01-01', day) + 1)
    {%- elif unit == "week" -%}
        div((date_diff({{ day }}, date '0001-01-01', day) + {{ period_week_shift(week_start) }}), 7)
    {%- elif unit == "month" -%}
        (extract(year from {{ day }}) * 12 + extract(month from {{ day }}) - 1)
    {%- elif unit == "quarter" -%}
        (extract(year from {{ day }}) * 4 + extract(quarter from {{ day }}) - 1)
    {%- else -%} extract(year from {{ day }})
    {%- endif -%}
{%- endmacro %}
