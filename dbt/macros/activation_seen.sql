{#-
    SQL: per split and value, `users` that were ever active before the range, by their value at the last
    visit, and `active` in the period before it.
-#}
{% macro activation_seen(spec, relations, checkpoint) -%}
    {%- set week = spec.week_start -%}
    {%- for split in activation_splits(spec) %}
        {% if not loop.first %}
            union all
        {% endif %}
        select '{{ split.name }}' as dim_name, {{ split.value }} as dim_value, count(*) as users
        from
            (
                select
                    {{ spec.key }}
                    {%- for dimension in spec.dimensions if dimension == split.name %}
                        , {{ value_at_last(dimension, "visited") }} as {{ dimension }}
                    {%- endfor %}
                from
                    (
                        select
                            {{ spec.key }},
                            activity_date as visited
                            {%- for dimension in spec.dimensions if dimension == split.name %}
                                , {{ dimension }}
                            {%- endfor %}
                        from {{ relations.facts }}
                        where
                            activity_date
                            >= date '{{ period_date(spec.period, checkpoint.after, week) }}'
                            and activity_date
                            < date '{{ period_date(spec.period, spec.from, week) }}'
                            and {{ spec.key }} is not null
                        {%- if checkpoint.start %}
                            union all
                            select
                                {{ spec.key }},
                                last_period as visited
                                {%- for dimension in spec.dimensions if dimension == split.name %}
                                    , {{ dimension }}
                                {%- endfor %}
                            from {{ relations.checkpoints }}
                            where checkpoint_start = date '{{ checkpoint.start }}'
                        {%- endif %}
                    ) as visits
                group by 1
            ) as known
        group by 1, 2
    {%- endfor %}
{%- endmacro %}
