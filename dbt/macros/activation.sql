{#-
    The activation layer of a fact: one row per key and period in which it was active, with its state,
    its previous state and its streak, for the range of this invocation.

    A pure function of the fact: a partition's rows depend on facts up to it and on nothing else, so
    days may be built singly, as a range, in any order or again. Inactive keys follow from these rows by
    identity (`activation_summary`) and have none of their own, unless the fact's `inactive_rows` says
    for how many periods they keep one. The column is named `interval_periods` because INTERVAL is a
    reserved word of BigQuery.

    Args: the fact's model name, the grain (daily, weekly, monthly).
-#}
{% macro activation(fact, grain) -%}
    {%- do activation_name(fact, grain) -%}
    {%- set facts = ref(fact) -%}
    {%- set checkpoints = ref(fact ~ "_firstlast_" ~ grain) -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain) -%}
    {%- set since = [spec.from - (spec.horizon or 0), spec.birth] | max -%}
    {%- set checkpoint = activation_checkpoint(spec, since, checkpoints) -%}
    {{ return(adapter.dispatch("activation")(spec, facts, checkpoints, checkpoint, since)) }}
{%- endmacro %}

{% macro duckdb__activation(spec, facts, checkpoints, checkpoint, since) %}
    {%- set week = spec.week_start -%}
    with
        runs as ({{ activation_runs(spec, facts, checkpoints, checkpoint, since, spec.until) }})
        {%- if spec.horizon %}, away as ({{ activation_away(spec) }}){% endif %}
    select
        {{ spec.key }},
        {{ period_start(spec.period, "period_number", week) }} as period_start,
        {{ activation_state() }} as state,
        {{ activation_previous() }} as previous_state,
        period_number - streak_number + 1 as streak,
        longest_streak,
        period_number - previous_number as interval_periods,
        case
            when previous_number < period_number - 1 then period_number - previous_number - 1
        end as churned,
        {{ period_start(spec.period, "first_number", week) }} as first_period,
        {{ period_start(spec.period, "previous_number", week) }} as previous_period,
        {{ period_start(spec.period, "streak_number", week) }} as streak_start,
        {%- for dimension in spec.dimensions %}
            {{ dimension }}, previous_{{ dimension }},
        {%- endfor %}
        event_count
    from runs
    {%- if spec.horizon %}
        where period_number >= {{ spec.from }}
        union all
        select
            {{ spec.key }},
            {{ period_start(spec.period, "away_number", week) }} as period_start,
            'Inactive' as state,
            case
                when away_number > period_number + 1 then 'Inactive' else {{ activation_state() }}
            end as previous_state,
            0 as streak,
            longest_streak,
            cast(null as bigint) as interval_periods,
            away_number - period_number as churned,
            {{ period_start(spec.period, "first_number", week) }} as first_period,
            {{ period_start(spec.period, "period_number", week) }} as previous_period,
            cast(null as date) as streak_start,
            {%- for dimension in spec.dimensions %}
                {{ dimension }}, {{ dimension }} as previous_{{ dimension }},
            {%- endfor %}
            0 as event_count
        from away
    {%- endif %}
{%- endmacro %}

{#- The steps are common SQL; what differs between the engines is in the period macros. -#}
{% macro bigquery__activation(spec, facts, checkpoints, checkpoint, since) -%}
    {{ return(duckdb__activation(spec, facts, checkpoints, checkpoint, since)) }}
{%- endmacro %}
