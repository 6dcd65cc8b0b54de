{#-
    SQL: one row per key and checkpoint period in which its state changed, from the chosen checkpoint
    (whose rows come first) until period `until`.
-#}
{% macro firstlast_states(spec, facts, checkpoints, checkpoint, until) -%}
    {%- set key = spec.key -%}
    {%- set week = spec.week_start -%}
    {%- set after = checkpoint.after -%}
    with
        runs as ({{ activation_runs(spec, facts, checkpoints, checkpoint, after, until) }}),
        placed as (
            select
                {{ key }},
                first_number,
                born_number,
                period_number,
                streak_number,
                longest_streak,
                {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
                {{
                    period_index(
                        spec.checkpoint,
                        period_last_day(spec.period, "period_number", week),
                    )
                }} as checkpoint_number
            from runs
        ),
        {#- Of a key's rows in order, none of these numbers ever falls: the last row has the largest. -#}
        ended as (
            select
                {{ key }},
                checkpoint_number,
                min(first_number) as first_number,
                min(born_number) as born_number,
                {%- for dimension in spec.dimensions %}
                    {{ value_at_last(dimension, "period_number") }} as {{ dimension }},
                {%- endfor %}
                max(period_number) as last_number,
                max(streak_number) as streak_number,
                max(longest_streak) as longest_streak
            from placed
            group by 1, 2
        )
    select
        {{ key }},
        {{ period_start(spec.period, "first_number", week) }} as first_period,
        {{ period_start(spec.period, "last_number", week) }} as last_period,
        {{ period_start(spec.period, "streak_number", week) }} as streak_start,
        longest_streak,
        {{ period_start(spec.period, "born_number", week) }} as birth,
        {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
        checkpoint_number
    from ended
    {%- if checkpoint.start %}
        union all
        select
            {{ key }},
            first_period,
            last_period,
            streak_start,
            longest_streak,
            birth,
            {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
            {{ period_number(spec.checkpoint, checkpoint.start) }} as checkpoint_number
        from {{ checkpoints }}
        where checkpoint_start = date '{{ checkpoint.start }}'
    {%- endif %}
{%- endmacro %}
