{#-
    SQL: the typed log of one event over the landing hours of this invocation, sorted by time.

    Parameters are parsed once. What was sent but not declared stays as JSON in `_extra`; so does a
    value that stands where an object was declared.

    Args: the event's name, its tier, one {name, path, type} per column; the type as DuckDB's
    `from_json` takes it ("BIGINT", ["VARCHAR"], [{"dir": "VARCHAR"}], "MAP(VARCHAR, BIGINT)", "JSON").
-#}
{% macro event_log(event, tier, columns) -%}
    {%- set accepted = source("accepted", tier) -%}
    {%- set tree = event_log_tree(columns) -%}
    {{ return(adapter.dispatch("event_log")(event, accepted, columns, tree)) }}
{%- endmacro %}

{% macro duckdb__event_log(event, accepted, columns, tree) -%}
    with
        events as (
            select
                {{ event_log_base() }}
                cast(params as json) as params
                {%- if columns %}, from_json(params, '{{ tojson(tree) }}') as typed {%- endif %}
            from {{ accepted }}
            where {{ event_log_range(event) }}
        )
    select
        {{ event_log_base() }}
        {%- for column in columns %}
            typed."{{ column.path | join('"."') }}" as "{{ column.name }}",
        {%- endfor %}
        nullif({{ event_log_extra("params", tree) }}, cast('{}' as json)) as _extra
    from events
    order by event_time, event_id
{%- endmacro %}

{#- BigQuery has no `from_json`: each column reads its own path. It has no maps either: they are JSON. -#}
{% macro bigquery__event_log(event, accepted, columns, tree) -%}
    select
        {{ event_log_base() }}
        {%- for column in columns %}
            {{ event_log_value("params", "$." ~ column.path | join("."), column.type) }}
            as `{{ column.name }}`,
        {%- endfor %}
        safe.parse_json(
            nullif(
                nullif(
                    to_json_string(
                        json_strip_nulls(
                            json_remove(
                                safe.parse_json(params, wide_number_mode => 'round')
                                {%- for column in columns %}
                                    , '$.{{ column.path | join(".") }}'
                                {%- endfor %}
                            ),
                            remove_empty => true
                        )
                    ),
                    '{}'
                ),
                'null'
            )
        ) as _extra
    from {{ accepted }}
    where {{ event_log_range(event) }}
{%- endmacro %}
