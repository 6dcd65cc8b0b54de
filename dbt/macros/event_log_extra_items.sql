{#-
    SQL of DuckDB: the text of a JSON list of what `event_log_extra` leaves of each item, null where
    nothing is left; NULL when nothing is left of any.

    Args: SQL of the list, its items' declared {key: type}, how many lists it lies in.
-#}
{% macro event_log_extra_items(value, tree, depth) -%}
    {%- set item, rest = "item_" ~ depth, "rest_" ~ depth -%}
    {{
        return(
            "list_transform([list_transform(from_json("
            ~ value
            ~ ", '[\"JSON\"]'), lambda "
            ~ item
            ~ ": cast(case json_type("
            ~ item
            ~ ") when 'OBJECT' then "
            ~ event_log_extra(item, tree, depth + 1)
            ~ " when 'NULL' then null else cast("
            ~ item
            ~ " as varchar) end as json))], lambda "
            ~ rest
            ~ ": case when list_count("
            ~ rest
            ~ ") > 0 then cast(to_json("
            ~ rest
            ~ ") as varchar) end)[1]"
        )
    }}
{%- endmacro %}
