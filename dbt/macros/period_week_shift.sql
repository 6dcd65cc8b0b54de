{#- Days from the first day of a week to Monday: Monday 0, Sunday 1. 0001-01-01 was a Monday. -#}
{% macro period_week_shift(week_start) -%}
    {%- set days = [
        "monday",
        "sunday",
        "saturday",
        "friday",
        "thursday",
        "wednesday",
        "tuesday",
    ] -%}
    {%- if week_start not in days -%}
        {{
            exceptions.raise_compiler_error(
                "Received invalid value `week_start="
                ~ week_start
                ~ "`. Valid values are: "
                ~ days
                | join(", ") ~ "."
            )
        }}
    {%- endif -%}
    {{ return(days.index(week_start)) }}
{%- endmacro %}
