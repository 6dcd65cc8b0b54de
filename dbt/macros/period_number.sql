{#-
    The period index of a literal date, computed while the SQL is written: `period_index` for the
    engine and this macro give the same number, which is that of `weir.core.grains.index`.

    Args: unit (day, week, month, quarter, year), a Python date, the first day of the week.
-#}
{% macro period_number(unit, day, week_start="monday") -%}
    {%- if unit == "day" -%} {{ return(day.toordinal()) }}
    {%- elif unit == "week" -%}
        {{ return((day.toordinal() - 1 + period_week_shift(week_start)) // 7) }}
    {%- elif unit == "month" -%} {{ return(day.year * 12 + day.month - 1) }}
    {%- elif unit == "quarter" -%} {{ return(day.year * 4 + (day.month - 1) // 3) }}
    {%- else -%} {{ return(day.year) }}
    {%- endif -%}
{%- endmacro %}
