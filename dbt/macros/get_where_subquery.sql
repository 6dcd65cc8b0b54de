{# Every generic test reads only the range of this invocation: one override, no code in the tests. #}
{% macro get_where_subquery(relation) -%}
    {%- set node = graph.nodes.get(model.attached_node or "") if execute else none -%}
    {%- set column = node.config.get("partition_column") if node else none -%}
    {%- set where = config.get("where") -%}
    {%- if column and weir.range_start() -%}
        (
            select *
            from {{ relation }}
            where
                {{ weir.partition_bounds(node.config) }} {%- if where %} and {{ where }}{% endif %}
        ) dbt_subquery
    {%- elif where -%} (select * from {{ relation }} where {{ where }}) dbt_subquery
    {%- else -%} {{ relation }}
    {%- endif -%}
{%- endmacro %}
