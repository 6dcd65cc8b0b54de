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
    {%- do spec.update({"followed": true}) -%}
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
    with states as ({{ firstlast_states(spec, facts, checkpoints, checkpoint, until) }})
    select
        {{ period_start(spec.checkpoint, "period_number") }} as checkpoint_start,
        {{ spec.key }},
        first_period,
        last_period,
        streak_start,
        longest_streak,
        {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
        birth
    from
        states
        {{ period_each("greatest(checkpoint_number, " ~ spec.from ~ ")", "next_checkpoint") }}
{%- endmacro %}

{#- The steps are common SQL; what differs between the engines is in the period macros. -#}
{% macro bigquery__firstlast(spec, facts, checkpoints, checkpoint, until) -%}
    {{ return(duckdb__firstlast(spec, facts, checkpoints, checkpoint, until)) }}
{%- endmacro %}
