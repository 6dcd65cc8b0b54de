{#- SQL: users of the rows of a summary that meet a condition. -#}
{% macro users_where(condition) -%}
    cast(sum(case when {{ condition }} then users else 0 end) as bigint)
{%- endmacro %}
