{#- SQL: the first day of the period with this index: the inverse of `period_index`. -#}
{% macro period_start(unit, number, week_start="monday") -%}
    {{ return(adapter.dispatch("period_start")(unit, number, week_start)) }}
{%- endmacro %}

{#- `divide` is DuckDB's integer division: sqlfmt takes its operator `//` for a comment. -#}
{% macro duckdb__period_start(unit, number, week_start) -%}
    {%- if unit == "day" -%} (date '0001-01-01' + cast({{ number }} - 1 as integer))
    {%- elif unit == "week" -%}
        (
            date '0001-01-01'
            + cast(({{ number }}) * 7 - {{ period_week_shift(week_start) }} as integer)
        )
    {%- elif unit == "month" -%} make_date(divide({{ number }}, 12), ({{ number }}) % 12 + 1, 1)
    {%- elif unit == "quarter" -%} make_date(divide({{ number }}, 4), ({{ number }}) % 4 * 3 + 1, 1)
    {%- else -%} make_date({{ number }}, 1, 1)
    {%- endif -%}
{%- endmacro %}

{#- Sums inside `div` and `mod` are in brackets: sqlglot writes both as operators for other engines. -#}
{% macro bigquery__period_start(unit, number, week_start) -%}
    {%- if unit == "day" -%} date_add(date '0001-01-01', interval ({{ number }} - 1) day)
    {%- elif unit == "week" -%}
        date_add(
            date '0001-01-01',
            interval (({{ number }}) * 7 - {{ period_week_shift(week_start) }}) day
        )
    {%- elif unit == "month" -%} date(div(({{ number }}), 12), mod(({{ number }}), 12) + 1, 1)
    {%- elif unit == "quarter" -%} date(div(({{ number }}), 4), mod(({{ number }}), 4) * 3 + 1, 1)
    {%- else -%} date({{ number }}, 1, 1)
    {%- endif -%}
{%- endmacro %}
