{#-
    The relation of another model that a generic test compares with. Not by `ref`: a test that refers to
    two models is selected with either, and would judge the one while the other is not yet built.
-#}
{% macro part_relation(name) -%}
    {%- set found = graph.nodes.values() | selectattr("name", "equalto", name) | list -%}
    {%- if not found -%}
        {{
            exceptions.raise_compiler_error(
                "A `part_*` test compares with the model `"
                ~ name
                ~ "`, which does not exist. Correct its arguments in the YAML."
            )
        }}
    {%- endif -%}
    {{ return(found[0].relation_name) }}
{%- endmacro %}
