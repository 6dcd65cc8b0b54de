{#-
    SQL: one row per key that was active until the period that holds a date: its state there, Inactive
    included, and since when. The newest checkpoint before and the facts since are all that is read.

    For a campaign: `dbt show --inline "{{ activation_status_asof('users_purchased_item', 'daily',
    '1998-01-31') }}"`, or `weir activation status`.

    Args: the fact's model name, the grain (daily, weekly, monthly), a date as text.
    Columns: the key, state, inactive_periods (0 when active), streak and longest_streak (of the last
    activity), first_period, last_period, streak_start, the dimensions at the last activity.
-#}
{% macro activation_status_asof(fact, grain, date) -%}
    {%- set facts = ref(fact) -%}
    {%- set checkpoints = ref(fact ~ "_firstlast_" ~ grain) -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_fact(fact) -%}
    {%- do spec.update(period_unit(grain)) -%}
    {%- set week = spec.week_start -%}
    {%- set at = period_number(spec.period, activation_date(date), week) -%}
    {%- do spec.update({"birth": period_number(spec.period, spec.first, week)}) -%}
    {%- set checkpoint = activation_checkpoint(spec, at, checkpoints) -%}
    {%- set names = ["longest_streak"] + spec.dimensions -%}
    with
        runs as (
            {{ activation_runs(spec, facts, checkpoints, checkpoint, checkpoint.after, at + 1) }}
        ),
        newest as (
            select
                runs.*,
                row_number() over (
                    partition by {{ spec.key }} order by period_number desc
                ) as from_last
            from runs
        ),
        known as (
            select
                {{ spec.key }},
                {{ activation_state() }} as state,
                period_number as last_number,
                first_number,
                streak_number,
                {{ names | join(", ") }}
            from newest
            where from_last = 1
            {%- if checkpoint.start %}
                union all
                select
                    {{ spec.key }},
                    'Inactive' as state,
                    {{ period_index(spec.period, "last_period", week) }} as last_number,
                    {{ period_index(spec.period, "first_period", week) }} as first_number,
                    {{ period_index(spec.period, "streak_start", week) }} as streak_number,
                    {{ names | join(", ") }}
                from {{ checkpoints }}
                where
                    checkpoint_start = date '{{ checkpoint.start }}'
                    and {{ spec.key }} not in (select {{ spec.key }} from newest)
            {%- endif %}
        )
    select
        {{ spec.key }},
        case when last_number = {{ at }} then state else 'Inactive' end as state,
        {{ at }} - last_number as inactive_periods,
        last_number - streak_number + 1 as streak,
        {{ period_start(spec.period, "first_number", week) }} as first_period,
        {{ period_start(spec.period, "last_number", week) }} as last_period,
        {{ period_start(spec.period, "streak_number", week) }} as streak_start,
        {{ names | join(", ") }}
    from known
{%- endmacro %}
