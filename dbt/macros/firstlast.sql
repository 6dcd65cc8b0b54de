{#-
    The checkpoints of a fact: for every key ever seen, what the activation rows after the checkpoint
    need of the past. One partition per checkpoint period, named by its label and holding the state at
    its END; a range of them is one statement, from the newest checkpoint before it and the facts since.

    Args: the fact's model name, the grain (daily, weekly, monthly) whose periods it counts.
-#}
{% macro firstlast(fact, grain) -%}
    {%- do activation_name(fact, grain, kind="firstlast") -%}
    {%- set facts = ref(fact) -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain, of="checkpoint") -%}
    {%- set week = spec.week_start -%}
    {%- set bounds = [
        [period_number(spec.period, period_date(spec.checkpoint, spec.from), week), spec.birth] | max,
        period_number(spec.period, period_date(spec.checkpoint, spec.until), week),
    ] -%}
    {%- set checkpoint = activation_checkpoint(spec, bounds[0], this) -%}
    {%- set until = [bounds[1], checkpoint.after] | max -%}
    {{ return(adapter.dispatch("firstlast")(spec, facts, this, checkpoint, until)) }}
{%- endmacro %}

{% macro duckdb__firstlast(spec, facts, checkpoints, checkpoint, until) %}
    {%- set key = spec.key -%}
    with
        states as ({{ firstlast_states(spec, facts, checkpoints, checkpoint, until) }}),
        spans as (
            select
                {{ key }},
                first_period,
                last_period,
                streak_start,
                longest_streak,
                birth,
                {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
                checkpoint_number,
                coalesce(
                    lead(checkpoint_number) over (
                        partition by {{ key }} order by checkpoint_number
                    ),
                    {{ spec.until }}
                ) as next_number
            from states
        ),
        spine as ({{ period_spine(spec.from, spec.until) }})
    select
        {{ period_start(spec.checkpoint, "spine.period_number") }} as checkpoint_start,
        spans.{{ key }},
        spans.first_period,
        spans.last_period,
        spans.streak_start,
        spans.longest_streak,
        {%- for dimension in spec.dimensions %} spans.{{ dimension }},{% endfor %}
        spans.birth
    from spans
    inner join
        spine
        on spans.checkpoint_number <= spine.period_number
        and spans.next_number > spine.period_number
{%- endmacro %}

{#- The steps are common SQL; what differs between the engines is in the period macros. -#}
{% macro bigquery__firstlast(spec, facts, checkpoints, checkpoint, until) -%}
    {{ return(duckdb__firstlast(spec, facts, checkpoints, checkpoint, until)) }}
{%- endmacro %}
