{#- SQL: one row per key and active period of the fact in [from, until), in period indexes. -#}
{% macro activation_active(spec, facts, from, until) -%}
    {%- set week = spec.week_start -%}
    select
        {{ spec.key }},
        {{ period_index(spec.period, "activity_date", week) }} as period_number,
        cast(sum(event_count) as bigint) as event_count
    from {{ facts }}
    where
        activity_date >= date '{{ period_date(spec.period, from, week) }}'
        and activity_date < date '{{ period_date(spec.period, until, week) }}'
        and {{ spec.key }} is not null
    group by 1, 2
{%- endmacro %}
