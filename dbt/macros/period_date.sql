{#- The first day (a Python date) of the period with a literal index: the inverse of `period_number`. -#}
{% macro period_date(unit, number, week_start="monday") -%}
    {%- set date = modules.datetime.date -%}
    {%- if unit == "day" -%} {{ return(date.fromordinal(number)) }}
    {%- elif unit == "week" -%}
        {{ return(date.fromordinal(number * 7 + 1 - period_week_shift(week_start))) }}
    {%- elif unit == "month" -%} {{ return(date(number // 12, number % 12 + 1, 1)) }}
    {%- elif unit == "quarter" -%} {{ return(date(number // 4, number % 4 * 3 + 1, 1)) }}
    {%- else -%} {{ return(date(number, 1, 1)) }}
    {%- endif -%}
{%- endmacro %}
