{#-
    The summary of an activation layer: users per (period, previous state, state), Inactive included
    without one Inactive row being stored.

    Inactive follows by identity (PostHog and Amplitude call its inflow dormant):
        seen(p) = seen(p - 1) + New(p);  Inactive(p) = seen(p) - active(p)
        (X -> Inactive)(p) = users in state X at p - 1, less the active at p who were X before
        (Inactive -> Inactive)(p) = Inactive(p - 1), less the active at p who were Inactive before
    What precedes the range (seen, and the states of the period before) comes from the checkpoint and
    the facts, not from other partitions of the layer: a summary needs its own partitions only.

    Each dimension of the fact splits the same users once more. A value is that of the last visit:
    arrivals are counted under the value they bring, departures and the absent under the one they left
    with, so that the identities hold for each value too.

    A period that may still receive events in time is provisional (`is_complete` false) and shows its
    active users only: who stays away is not known before the period is over.

    Args: the fact's model name, the grain (daily, weekly, monthly).
-#}
{% macro activation_summary(fact, grain) -%}
    {%- do activation_name(fact, grain, suffix="_summary") -%}
    {%- set relations = {
        "active": ref(fact ~ "_activation_" ~ grain),
        "checkpoints": ref(fact ~ "_firstlast_" ~ grain),
        "facts": ref(fact),
    } -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain) -%}
    {%- set checkpoint = activation_checkpoint(
        spec, [spec.from - 1, spec.birth] | max, relations.checkpoints
    ) -%}
    {{ return(adapter.dispatch("activation_summary")(spec, relations, checkpoint)) }}
{%- endmacro %}

{% macro duckdb__activation_summary(spec, relations, checkpoint) %}
    {%- set week = spec.week_start -%}
    {%- set known_until = [spec.from, checkpoint.after] | max -%}
    with
        runs_before as (
            {{
                activation_runs(
                    spec,
                    relations.facts,
                    relations.checkpoints,
                    checkpoint,
                    spec.from - 1,
                    known_until,
                )
            }}
        ),
        arrivals as ({{ activation_arrivals(spec, relations) }}),
        before as ({{ activation_before(spec) }}),
        seen_before as ({{ activation_seen(spec, relations, checkpoint) }}),
        spine as ({{ period_spine(spec.from, spec.until) }}),
        departures as ({{ activation_departures() }}),
        stocks as ({{ activation_stocks() }}),
        combined as (
            select
                dim_name,
                dim_value,
                period_number,
                previous_state,
                state,
                sum(users) as users,
                sum(sum_streak) as sum_streak,
                sum(sum_interval) as sum_interval
            from arrivals
            group by 1, 2, 3, 4, 5
            union all
            select
                departures.dim_name,
                departures.dim_value,
                departures.period_number,
                departures.previous_state,
                'Inactive' as state,
                departures.users,
                0 as sum_streak,
                0 as sum_interval
            from departures
            inner join spine on departures.period_number = spine.period_number
            union all
            select
                dim_name,
                dim_value,
                period_number,
                'Inactive' as previous_state,
                'Inactive' as state,
                users,
                0 as sum_streak,
                0 as sum_interval
            from stocks
        ),
        dated as (
            select
                {{ period_start(spec.period, "period_number", week) }} as period_start,
                dim_name,
                dim_value,
                previous_state,
                state,
                cast(users as bigint) as users,
                cast(sum_streak as bigint) as sum_streak,
                cast(sum_interval as bigint) as sum_interval,
                {{ activation_complete(spec, "period_number") }} as is_complete
            from combined
        )
    select
        '{{ spec.fact }}' as fact,
        '{{ spec.grain }}' as grain,
        period_start,
        dim_name,
        dim_value,
        previous_state,
        state,
        users,
        sum_streak,
        sum_interval,
        is_complete
    from dated
    where users <> 0 and (is_complete or state <> 'Inactive')
{%- endmacro %}

{#- The steps are common SQL; what differs between the engines is in the period macros. -#}
{% macro bigquery__activation_summary(spec, relations, checkpoint) -%}
    {{ return(duckdb__activation_summary(spec, relations, checkpoint)) }}
{%- endmacro %}
