{#- Combinations of columns that occur more than once, per partition. -#}
{% test part_unique(model, columns) %}
    {#- By the partition's column as it is stored: its text is made for what repeats alone. -#}
    {%- set column = part_column() -%}
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
