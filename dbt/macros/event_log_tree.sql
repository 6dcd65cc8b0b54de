{#- The columns' types as one nested {parameter: type}: the form of the parameters themselves. -#}
{% macro event_log_tree(columns) -%}
    {%- set tree = {} -%}
    {%- for column in columns -%}
        {%- set place = namespace(node=tree) -%}
        {%- for name in column.path[:-1] -%}
            {%- set place.node = place.node.setdefault(name, {}) -%}
        {%- endfor -%}
        {%- do place.node.update({column.path[-1]: column.type}) -%}
    {%- endfor -%}
    {{ return(tree) }}
{%- endmacro %}
