{#-
    SQL: per split and value, `users` that were ever active before the range, by their value at the last
    visit: who came since the checkpoint, and those of the checkpoint who did not. A value may have two
    rows.
-#}
{% macro activation_seen(spec, relations, checkpoint) -%}
    {%- set week = spec.week_start -%}
    with
        since as (
            select
                {{ spec.key }}
                {%- for dimension in spec.dimensions %}
                    , {{ value_at_last(dimension, "activity_date") }} as {{ dimension }}
                {%- endfor %}
            from {{ relations.facts }}
            where
                activity_date >= date '{{ period_date(spec.period, checkpoint.after, week) }}'
                and activity_date < date '{{ period_date(spec.period, spec.from, week) }}'
                and {{ spec.key }} is not null
            group by 1
        )
    {%- for split in activation_splits(spec) %}
        {% if not loop.first %}
            union all
        {% endif %}
        select '{{ split.name }}' as dim_name, {{ split.value }} as dim_value, count(*) as users
        from since
        group by 1, 2
        {%- if checkpoint.start %}
            union all
            select '{{ split.name }}' as dim_name, {{ split.value }} as dim_value, count(*) as users
            from {{ relations.checkpoints }} as known
            where
                checkpoint_start = date '{{ checkpoint.start }}'
                and not exists (
                    select 1 from since where since.{{ spec.key }} = known.{{ spec.key }}
                )
            group by 1, 2
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
