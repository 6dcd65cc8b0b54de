{#- SQL: users and sums per (period, previous state, state) of the layer's own rows in the range. -#}
{% macro activation_arrivals(spec, relations) -%}
    {%- set week = spec.week_start -%}
    select
        {{ period_index(spec.period, "period_start", week) }} as period_number,
        previous_state,
        state,
        count(*) as users,
        cast(sum(streak) as bigint) as sum_streak,
        cast(coalesce(sum(interval_periods), 0) as bigint) as sum_interval
    from {{ relations.active }}
    where
        period_start >= date '{{ period_date(spec.period, spec.from, week) }}'
        and period_start < date '{{ period_date(spec.period, spec.until, week) }}'
    group by 1, 2, 3
{%- endmacro %}
