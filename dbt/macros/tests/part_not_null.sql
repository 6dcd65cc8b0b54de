{#- Rows whose column is NULL, per partition. -#}
{% test part_not_null(model, column_name) %}
    {%- set key = part_key() -%}
    select {{ key }} as partition_key, count(*) as failures
    from {{ model }}
    where {{ column_name }} is null
    group by 1
{% endtest %}
