{#-
    SQL: users and sums per (split, value, value before, period, previous state, state) of the layer's
    own active rows in the range: a row for the total and one for each dimension of the fact.
-#}
{% macro activation_arrivals(spec, relations) -%}
    {%- set week = spec.week_start -%}
    {%- for split in activation_splits(spec) %}
        {% if not loop.first %}
            union all
        {% endif %}
        select
            '{{ split.name }}' as dim_name,
            {{ split.value }} as dim_value,
            {{ split.previous }} as previous_value,
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
            and state <> 'Inactive'
        group by 1, 2, 3, 4, 5, 6
    {%- endfor %}
{%- endmacro %}
