{#- Rows whose column holds a value outside the list (NULL is for `part_not_null`), per partition. -#}
{% test part_accepted_values(model, column_name, values) %}
    {%- set key = part_key() -%}
    select {{ key }} as partition_key, count(*) as failures
    from {{ model }}
    where {{ column_name }} not in ('{{ values | join("', '") }}')
    group by 1
{% endtest %}
