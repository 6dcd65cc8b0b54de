{#-
    SQL: the typed log of one event over the landing hours of this invocation, sorted by time.

    Parameters are parsed once. A parameter whose type a version broke is parsed as JSON, and each of
    its columns casts it in the rows of its own versions. What does not fit its type is NULL, never an
    error; `accepted` keeps it. What was sent but not declared stays as JSON in `_extra`; so does a
    value that stands where an object or a list of objects was declared.

    Args: the event's name, its tier, one {name, path, type} per column; the type as DuckDB's
    `from_json` takes it ("BIGINT", ["VARCHAR"], [{"dir": "VARCHAR"}], "MAP(VARCHAR, BIGINT)", "JSON").
    Where a type broke also {fork, since, until}: the first part of the path, counted from 1, whose
    type broke, and the first and last version that feed the column (0: from the first on; no `until`:
    up to the newest). `told`: whether every undeclared parameter is among the event's violations, so
    that only rows that have some are searched for them: more than half of the time.
-#}
{% macro event_log(event, tier, columns, told=false) -%}
    {%- set accepted = source("accepted", tier) -%}
    {{ return(adapter.dispatch("event_log")(event, accepted, columns, told)) }}
{%- endmacro %}

{% macro duckdb__event_log(event, accepted, columns, told) -%}
    with
        events as (
            select
                {{ event_log_base() }}
                {% if told %} violations, {% endif %}
                cast(params as json) as params
                {%- if columns %}
                    , from_json(params, '{{ tojson(event_log_tree(columns)) }}') as typed
                {%- endif %}
            from {{ accepted }}
            where {{ event_log_range(event) }}
        )
    select
        {{ event_log_base() }}
        {%- for column in columns %}
            {{ event_log_typed(column) }} as "{{ column.name }}",
        {%- endfor %}
        cast(
            {%- if told %}
                case when violations is not null then {% endif %} {{ event_log_beyond(columns) }}
            {% if told %} end {% endif %} as json
        ) as _extra
    from events
    order by event_time, event_id
{%- endmacro %}

{#- BigQuery has no `from_json`: each column reads its own path. It has no maps either: they are JSON. -#}
{% macro bigquery__event_log(event, accepted, columns, told) -%}
    select
        {{ event_log_base() }}
        {%- for column in columns %}
            {% if column.fork %}
                case when {{ event_log_fed(column) }} then
            {% endif %} {{ event_log_value("params", "$." ~ column.path | join("."), column.type) }}
            {%- if column.fork %} end {%- endif %} as `{{ column.name }}`,
        {%- endfor %}
        safe.parse_json(
            nullif(
                nullif(
                    to_json_string(
                        json_strip_nulls({{ event_log_beyond(columns) }}, remove_empty => true)
                    ),
                    '{}'
                ),
                'null'
            )
        ) as _extra
    from {{ accepted }}
    where {{ event_log_range(event) }}
{%- endmacro %}
