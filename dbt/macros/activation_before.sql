{#- SQL: users by split, value and state in the period before the range (no row at the first one), of `runs_before`. -#}
{% macro activation_before(spec) -%}
    {%- for split in activation_splits(spec) %}
        {% if not loop.first %}
            union all
        {% endif %}
        select
            '{{ split.name }}' as dim_name,
            {{ split.value }} as dim_value,
            period_number,
            {{ activation_state() }} as state,
            count(*) as users
        from runs_before
        group by 1, 2, 3, 4
    {%- endfor %}
{%- endmacro %}
