{#- The `config.meta.weir` of a model; none if there is no such model. Unit tests give their own here. -#}
{% macro fact_meta(fact) -%}
    {%- set found = graph.nodes.values() | selectattr("name", "equalto", fact) | list -%}
    {{ return((found[0].config.meta or {}).get("weir") if found else none) }}
{%- endmacro %}
