{#-
    SQL: the parameters of a row without what its version declares.

    One expression where no type ever broke, else one per run of versions between two breaks.
-#}
{% macro event_log_beyond(columns) -%}
    {%- set starts = [0] -%}
    {%- for column in columns if column.since and column.since not in starts -%}
        {%- do starts.append(column.since) -%}
    {%- endfor -%}
    {%- if starts | length > 1 %}
        case
    {%- endif -%}
        {%- for start in starts | sort -%}
            {%- set had = [] -%}
            {%- for c in columns if c.since | default(0) <= start <= c.until | default(start) -%}
                {%- do had.append({"path": c.path, "type": c.type}) -%}
            {%- endfor -%}
            {%- if loop.length > 1 %}
                {% if loop.last %} else
                {% else %} when version < {{ loop.nextitem }} then
                {% endif %}
                {%- endif %} {{ adapter.dispatch("event_log_beyond")(had) }}
        {%- endfor -%}
    {%- if starts | length > 1 %} end {%- endif -%}
{%- endmacro %}

{% macro duckdb__event_log_beyond(columns) -%}
    {{ event_log_extra("params", event_log_tree(columns)) }}
{%- endmacro %}

{% macro bigquery__event_log_beyond(columns) -%}
    json_remove(
        safe.parse_json(params, wide_number_mode => 'round')
        {%- for column in columns %}, '$.{{ column.path | join(".") }}' {%- endfor %}
    )
{%- endmacro %}
