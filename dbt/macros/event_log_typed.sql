{#-
    SQL of DuckDB: one column out of the parsed parameters `typed`.

    Where versions disagree about the type, `typed` holds JSON: it is read again as the column's own.
-#}
{% macro event_log_typed(column) -%}
    {%- if not column.fork -%} typed."{{ column.path | join('"."') }}"
    {%- else -%}
        {%- set inner = namespace(type=column.type) -%}
        {%- for name in column.path[column.fork :] | reverse -%}
            {%- set inner.type = {name: inner.type} -%}
        {%- endfor -%}
        from_json(
            case
                when {{ event_log_fed(column) }}
                then typed."{{ column.path[: column.fork] | join('"."') }}"
            end,
            '{{ tojson(inner.type) }}'
        )
        {%- for name in column.path[column.fork :] %}."{{ name }}"
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
