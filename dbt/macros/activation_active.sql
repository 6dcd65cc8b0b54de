{#-
    SQL: one row per key and active period of the fact in [from, until), in period indexes, with its
    dimensions as they were on its last active day of the period.

    Args: the mapping of `activation_range`, the fact's relation, the bounds [from, until), and the
    relation whose keys alone count (none: all).
-#}
{% macro activation_active(spec, facts, from, until, only=none) -%}
    {%- set week = spec.week_start -%}
    select
        {{ spec.key }},
        {{ period_index(spec.period, "activity_date", week) }} as period_number,
        {%- for dimension in spec.dimensions %}
            {{ value_at_last(dimension, "activity_date") }} as {{ dimension }},
        {%- endfor %}
        {%- if spec.born %}
            min({{ period_index(spec.period, spec.born, week) }}) as born_number,
        {% endif %}
        cast(sum(event_count) as bigint) as event_count
    from {{ facts }}
    where
        activity_date >= date '{{ period_date(spec.period, from, week) }}'
        and activity_date < date '{{ period_date(spec.period, until, week) }}'
        and {{ spec.key }} is not null
        {%- if only %} and {{ spec.key }} in (select {{ spec.key }} from {{ only }}) {%- endif %}
    group by 1, 2
{%- endmacro %}
