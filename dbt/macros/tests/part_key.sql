{#- SQL: the partition key of a tested row, as Dagster writes it. -#}
{% macro part_key() -%}
    {%- set node = graph.nodes.get(model.attached_node or "") if execute else none -%}
    {%- set column = part_column() -%}
    {%- if not column -%} {{ return("'all'") }} {%- endif -%}
    {{ return(adapter.dispatch("part_key")(column, node.config.get("partition_type", "date"))) }}
{%- endmacro %}

{% macro duckdb__part_key(column, type) -%}
    strftime({{ column }}, '{{ "%Y-%m-%d" if type == "date" else "%Y-%m-%d-%H:%M" }}')
{%- endmacro %}

{% macro bigquery__part_key(column, type) -%}
    {%- if type == "date" -%} format_date('%Y-%m-%d', {{ column }})
    {%- else -%} format_timestamp('%Y-%m-%d-%H:%M', {{ column }})
    {%- endif -%}
{%- endmacro %}
