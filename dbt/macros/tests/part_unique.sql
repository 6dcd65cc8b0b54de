{#- Combinations of columns that occur more than once, per partition. -#}
{% test part_unique(model, columns) %}
    {%- set node = graph.nodes.get(model.attached_node or "") if execute else none -%}
    {%- set column = node.config.get("partition_column") if node else none -%}
    {%- set within = [column] + columns if column and column not in columns else columns -%}
    select {{ part_key() }} as partition_key, count(*) as failures
    from
        (
            select {{ within | join(", ") }}
            from {{ model }}
            group by {{ within | join(", ") }}
            having count(*) > 1
        ) as repeated
    group by 1
{% endtest %}
