{#-
    SQL: one row per (key, active period) from `from` until `until`, with what its past decides, all in
    period indexes. The checkpoint gives the past before it, the facts after it the rest; a row depends
    on facts up to its own period only.

    Args: the mapping of `activation_range`, the fact's relation, the checkpoint relation and the
    choice of `activation_checkpoint`, the bounds [from, until).
    Columns: the key, period_number, event_count, first_number, previous_number (NULL when New),
    streak_number (where the streak began), longest_streak.
-#}
{% macro activation_runs(spec, facts, checkpoints, checkpoint, from, until) -%}
    {{
        return(
            adapter.dispatch("activation_runs")(
                spec, facts, checkpoints, checkpoint, from, until
            )
        )
    }}
{%- endmacro %}

{% macro duckdb__activation_runs(spec, facts, checkpoints, checkpoint, from, until) %}
    {%- set key = spec.key -%}
    {%- set week = spec.week_start -%}
    with
        active as ({{ activation_active(spec, facts, checkpoint.after, until) }}),
        wanted as (select distinct {{ key }} from active where period_number >= {{ from }}),
        remembered as ({{ activation_remembered(spec, checkpoints, checkpoint) }}),
        joined as (
            select
                active.{{ key }},
                active.period_number,
                active.event_count,
                remembered.streak_number,
                remembered.longest_streak,
                coalesce(
                    remembered.first_number,
                    min(active.period_number) over (partition by active.{{ key }})
                ) as first_number,
                coalesce(
                    lag(active.period_number) over (
                        partition by active.{{ key }} order by active.period_number
                    ),
                    remembered.last_number
                ) as previous_number
            from active
            inner join wanted on active.{{ key }} = wanted.{{ key }}
            left join remembered on active.{{ key }} = remembered.{{ key }}
        ),
        streaks as (
            select
                {{ key }},
                period_number,
                event_count,
                first_number,
                previous_number,
                longest_streak,
                coalesce(
                    max(
                        case
                            when previous_number = period_number - 1 then null else period_number
                        end
                    ) over (partition by {{ key }} order by period_number),
                    streak_number
                ) as streak_number
            from joined
        ),
        longest as (
            select
                {{ key }},
                period_number,
                event_count,
                first_number,
                previous_number,
                streak_number,
                greatest(
                    coalesce(longest_streak, 0),
                    max(period_number - streak_number + 1) over (
                        partition by {{ key }} order by period_number
                    )
                ) as longest_streak
            from streaks
        )
    select *
    from longest
    where period_number >= {{ from }}
{%- endmacro %}

{#- The steps are common SQL; what differs between the engines is in the period macros. -#}
{% macro bigquery__activation_runs(spec, facts, checkpoints, checkpoint, from, until) -%}
    {{ return(duckdb__activation_runs(spec, facts, checkpoints, checkpoint, from, until)) }}
{%- endmacro %}
