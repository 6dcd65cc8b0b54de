{#-
    The columns' types as one nested {parameter: type}: the form of the parameters themselves. From
    where on versions disagree about the type it says JSON.
-#}
{% macro event_log_tree(columns) -%}
    {%- set tree = {} -%}
    {%- for column in columns -%}
        {%- set path = column.path[: column.fork] if column.fork else column.path -%}
        {%- set place = namespace(node=tree) -%}
        {%- for name in path[:-1] -%}
            {%- set place.node = place.node.setdefault(name, {}) -%}
        {%- endfor -%}
        {%- do place.node.update({path[-1]: "JSON" if column.fork else column.type}) -%}
    {%- endfor -%}
    {{ return(tree) }}
{%- endmacro %}
