{#- Combinations of columns that occur more than once, per partition. -#}
{% test part_unique(model, columns) %}
    {%- set key = part_key() -%}
    select repeated.partition_key, count(*) as failures
    from
        (
            select {{ key }} as partition_key, {{ columns | join(", ") }}
            from {{ model }}
            group by {{ key }}, {{ columns | join(", ") }}
            having count(*) > 1
        ) as repeated
    group by 1
{% endtest %}
