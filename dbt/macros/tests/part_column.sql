{#- The partition column of the tested model; none of a table without partitions. -#}
{% macro part_column() -%}
    {%- set node = graph.nodes.get(model.attached_node or "") if execute else none -%}
    {{ return(node.config.get("partition_column") if node else none) }}
{%- endmacro %}
