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
        active as (
            select
                {{ key }},
                {{ period_index(spec.period, "activity_date", week) }} as period_number,
                cast(sum(event_count) as bigint) as event_count
            from {{ facts }}
            where
                activity_date >= date '{{ period_date(spec.period, checkpoint.after, week) }}'
                and activity_date < date '{{ period_date(spec.period, until, week) }}'
                and {{ key }} is not null
            group by 1, 2
        ),
        wanted as (select distinct {{ key }} from active where period_number >= {{ from }}),
        remembered as (
            {%- if checkpoint.start %}
                select
                    {{ key }},
                    {{ period_index(spec.period, "first_period", week) }} as first_number,
                    {{ period_index(spec.period, "last_period", week) }} as last_number,
                    {{ period_index(spec.period, "streak_start", week) }} as streak_number,
                    longest_streak
                from {{ checkpoints }}
                where checkpoint_start = date '{{ checkpoint.start }}'
            {%- else %}
                select
                    {{ key }},
                    cast(null as bigint) as first_number,
                    cast(null as bigint) as last_number,
                    cast(null as bigint) as streak_number,
                    cast(null as bigint) as longest_streak
                from wanted
                where false
            {%- endif %}
        ),
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
