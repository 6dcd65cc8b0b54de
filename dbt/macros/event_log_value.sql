{#-
    SQL of BigQuery: a typed value out of JSON text; NULL where the type does not fit.

    An array holds no NULL there (a query that stores one fails), so that items that do not fit are left
    out; and no array, so that a list of lists stays JSON.

    Args: SQL of the text, the JSON path, the type as `event_log` takes it.
-#}
{% macro event_log_value(value, path, type) -%}
    {%- set scalar = "json_value(" ~ value ~ ", '" ~ path ~ "')" -%}
    {%- if type is mapping -%}
        struct(
            {%- for name, inner in type.items() %}
                {{ event_log_value(value, path ~ "." ~ name, inner) }} as `{{ name }}`
                {%- if not loop.last %}, {% endif %}
            {%- endfor %}
        )
    {%- elif type is not string and (type[0] is string or type[0] is mapping) -%}
        {%- set inner = event_log_value("item", "$", type[0]) -%}
        array(
            select {{ inner }}
            from unnest(json_query_array({{ value }}, '{{ path }}')) as item
            with
            offset as position
            {% if type[0] is string %} where {{ inner }} is not null
            {% endif %}
            order by position
        )
    {%- elif type == "VARCHAR" -%} {{ scalar }}
    {%- elif type == "BOOLEAN" -%} safe_cast({{ scalar }} as bool)
    {%- elif type == "DOUBLE" -%} safe_cast({{ scalar }} as float64)
    {%- elif type == "BIGINT" -%} safe_cast(safe_cast({{ scalar }} as numeric) as int64)
    {%- else -%} safe.parse_json(json_query({{ value }}, '{{ path }}'), wide_number_mode => 'round')
    {%- endif -%}
{%- endmacro %}
