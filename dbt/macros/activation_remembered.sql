{#- SQL: the rows of the chosen checkpoint in period indexes. -#}
{% macro activation_remembered(spec, checkpoints, checkpoint) -%}
    {%- set week = spec.week_start -%}
    select
        {{ spec.key }},
        {{ period_index(spec.period, "first_period", week) }} as first_number,
        {{ period_index(spec.period, "last_period", week) }} as last_number,
        {{ period_index(spec.period, "streak_start", week) }} as streak_number,
        {{ period_index(spec.period, "birth", week) }} as born_number,
        {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
        longest_streak
    from {{ checkpoints }}
    where checkpoint_start = date '{{ checkpoint.start }}'
{%- endmacro %}
