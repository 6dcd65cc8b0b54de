{#-
    SQL: one row per key and checkpoint period in which its state changed, from the chosen checkpoint
    (whose rows come first) until period `until`: its state at the end of `checkpoint_number`, which it
    keeps until `next_checkpoint`.

    The state at the end of a period is that of the key's last active period in it.
-#}
{% macro firstlast_states(spec, facts, checkpoints, checkpoint, until) -%}
    {%- set key = spec.key -%}
    {%- set week = spec.week_start -%}
    {%- set names = [
        "first_period",
        "last_period",
        "streak_start",
        "longest_streak",
        "birth",
    ] + spec.dimensions -%}
    with
        runs as (
            {{ activation_runs(spec, facts, checkpoints, checkpoint, checkpoint.after, until) }}
        ),
        placed as (
            select
                runs.*,
                {{
                    period_index(
                        spec.checkpoint,
                        period_last_day(spec.period, "period_number", week),
                    )
                }} as checkpoint_number,
                coalesce(
                    {{
                        period_index(
                            spec.checkpoint, period_last_day(spec.period, "next_number", week)
                        )
                    }},
                    {{ spec.until }}
                ) as next_checkpoint
            from runs
        ),
        changed as (
            select
                {{ key }},
                {{ period_start(spec.period, "first_number", week) }} as first_period,
                {{ period_start(spec.period, "period_number", week) }} as last_period,
                {{ period_start(spec.period, "streak_number", week) }} as streak_start,
                longest_streak,
                {{ period_start(spec.period, "born_number", week) }} as birth,
                {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
                checkpoint_number,
                next_checkpoint
            from placed
            where next_checkpoint > checkpoint_number
        )
    select {{ key }}, {{ names | join(", ") }}, checkpoint_number, next_checkpoint
    from changed
    {%- if checkpoint.start %}
        union all
        select
            before.{{ key }},
            {%- for name in names %} before.{{ name }},{% endfor %}
            {{ period_number(spec.checkpoint, checkpoint.start) }} as checkpoint_number,
            coalesce(left_at.next_checkpoint, {{ spec.until }}) as next_checkpoint
        from {{ checkpoints }} as before
        left join
            (
                select {{ key }}, min(checkpoint_number) as next_checkpoint from changed group by 1
            ) as left_at
            on before.{{ key }} = left_at.{{ key }}
        where before.checkpoint_start = date '{{ checkpoint.start }}'
    {%- endif %}
{%- endmacro %}
