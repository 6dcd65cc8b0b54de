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
        numbered as (
            select
                {{ key }},
                first_number,
                born_number,
                period_number,
                streak_number,
                longest_streak,
                {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
                checkpoint_number,
                row_number() over (
                    partition by {{ key }}, checkpoint_number order by period_number desc
                ) as from_last
            from placed
        )
    select
        {{ key }},
        {{ period_start(spec.period, "first_number", week) }} as first_period,
        {{ period_start(spec.period, "period_number", week) }} as last_period,
        {{ period_start(spec.period, "streak_number", week) }} as streak_start,
        longest_streak,
        {{ period_start(spec.period, "born_number", week) }} as birth,
        {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
        checkpoint_number
    from numbered
    where from_last = 1
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
