{#-
    What a grain is made of: the unit of its period index, and the unit of its checkpoints.

    A checkpoint covers about thirty periods: a shorter one costs storage, a longer one reads more facts.
-#}
{% macro period_unit(grain) -%}
    {%- set units = {
        "daily": {"period": "day", "checkpoint": "month"},
        "weekly": {"period": "week", "checkpoint": "quarter"},
        "monthly": {"period": "month", "checkpoint": "year"},
    } -%}
    {%- if grain not in units -%}
        {{
            exceptions.raise_compiler_error(
                "Received invalid value `grain=" ~ grain ~ "`. Valid values are: " ~ units.keys()
                | join(", ") ~ "."
            )
        }}
    {%- endif -%}
    {{ return(units[grain]) }}
{%- endmacro %}
