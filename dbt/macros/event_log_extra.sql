{#-
    SQL of DuckDB: a JSON object without its declared keys, `{}` when nothing is left. A declared
    object stays with what it has beyond its own declaration; another value in its place stays whole.

    A merge patch (RFC 7396) removes the keys that it sets to null; so an undeclared null inside a declared
    object is not kept: it says no more than its absence.

    Args: SQL of the object, its declared {key: type}.
-#}
{% macro event_log_extra(value, tree) -%}
    {%- set gone, beyond = {}, [] -%}
    {%- for name, inner in tree.items() -%}
        {%- do gone.update({name: none}) -%}
        {%- if inner is mapping -%}
            {%- set at = "(" ~ value ~ "->'$." ~ name ~ "')" -%}
            {%- do beyond.append(
                "'"
                ~ name
                ~ "', case json_type"
                ~ at
                ~ " when 'OBJECT' then nullif("
                ~ event_log_extra(at, inner)
                ~ ", cast('{}' as json))"
                ~ " when 'NULL' then null else "
                ~ at
                ~ " end"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set own = "json_merge_patch(" ~ value ~ ", cast('" ~ tojson(gone) ~ "' as json))" -%}
    {%- if beyond -%}
        {%- set own = "json_merge_patch(" ~ own ~ ", json_object(" ~ beyond | join(", ") ~ "))" -%}
    {%- endif -%}
    {{ return(own) }}
{%- endmacro %}
