{#-
    SQL of DuckDB: the text of a JSON object without its declared keys, NULL when nothing is left. A
    declared object stays with what it has beyond its own declaration; so does a list of declared
    objects, item by item, null where nothing is left of one. Another value in their place stays whole.

    The objects inside are joined as text: a merge patch (RFC 7396) would remove the nulls in them.

    Args: SQL of the object, its declared {key: type}, how many lists it lies in.
-#}
{% macro event_log_extra(value, tree, depth=0) -%}
    {%- set gone, parts = {}, [] -%}
    {%- for name, inner in tree.items() -%}
        {%- do gone.update({name: none}) -%}
        {%- set at = "(" ~ value ~ "->'$." ~ name ~ "')" -%}
        {%- if inner is mapping -%}
            {%- set kind, rest = "OBJECT", event_log_extra(at, inner, depth) -%}
        {%- elif inner is not string and inner[0] is mapping -%}
            {%- set kind, rest = "ARRAY", event_log_extra_items(at, inner[0], depth) -%}
        {%- else -%} {%- set kind = none -%}
        {%- endif -%}
        {%- if kind -%}
            {%- do parts.append(
                "'\""
                ~ name
                ~ "\":' || case json_type"
                ~ at
                ~ " when '"
                ~ kind
                ~ "' then "
                ~ rest
                ~ " when 'NULL' then null else cast("
                ~ at
                ~ " as varchar) end"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set own = (
        "cast(json_merge_patch("
        ~ value
        ~ ", cast('"
        ~ tojson(gone)
        ~ "' as json)) as varchar)"
    ) -%}
    {%- if not parts -%} {{ return("nullif(" ~ own ~ ", '{}')") }} {%- endif -%}
    {{
        return(
            "'{' || nullif(concat_ws(',', nullif(substring("
            ~ own
            ~ ", 2, length("
            ~ own
            ~ ") - 2), ''), "
            ~ parts
            | join(", ") ~ "), '') || '}'"
        )
    }}
{%- endmacro %}
