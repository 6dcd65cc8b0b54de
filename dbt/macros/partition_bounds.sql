{#-
    SQL condition: the rows of a partitioned model in the range of this invocation, in literal bounds.

    On BigQuery only the partitioning column prunes: a table whose range counts hours (`landing_hour`)
    is stored by day (`landing_day`), so that column is bounded too.

    Args: the model's config (anything with `get`).
-#}
{% macro partition_bounds(config) -%}
    {{ return(adapter.dispatch("partition_bounds", "weir")(config)) }}
{%- endmacro %}

{% macro duckdb__partition_bounds(config) -%}
    {%- set column = config.get("partition_column") -%}
    {%- set type = config.get("partition_type") or "date" -%}
    {%- set length = 10 if type == "date" else 19 -%}
    {{ column }} >= {{ type }} '{{ weir.range_start()[:length] }}'
    and {{ column }} < {{ type }} '{{ weir.range_end()[:length] }}'
{%- endmacro %}

{% macro bigquery__partition_bounds(config) -%}
    {%- set stored = weir.partition_storage(config).column -%}
    {{ weir.duckdb__partition_bounds(config) }}
    {%- if stored != config.get("partition_column") %}
        and {{ stored }}
        between date '{{ weir.range_start()[:10] }}' and date '{{ weir.range_end()[:10] }}'
    {%- endif -%}
{%- endmacro %}
