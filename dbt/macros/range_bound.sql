{# One bound of the invocation's range; raises at run time when dbt was started without it. #}
{% macro range_bound(flag) -%}
    {%- set bound = invocation_args_dict.get(flag) -%}
    {%- if bound is none and execute and flags.WHICH in ("run", "build") -%}
        {%- do exceptions.raise_compiler_error(
            "This run has no --"
            ~ flag.replace("_", "-")
            ~ ". Every Weir model is a function of a"
            " range: give both bounds, e.g. --event-time-start 2026-01-01 --event-time-end 2026-01-02."
        ) -%}
    {%- endif -%}
    {%- if bound is none -%} {{ return(none) }} {%- endif -%}
    {{ return((bound | string).replace(" ", "T")[:19]) }}
{%- endmacro %}
