{#-
    The finished spans of a fact's keys: one row per streak that a return has followed, in the period of
    the return: active from streak_start to streak_end, Inactive from then until next_start. Built in the
    same pass as the layer, from checkpoint and facts; the spans that are still open are
    `activation_status_asof`.

    Args: the fact's model name, the grain (daily, weekly, monthly).
-#}
{% macro activation_spans(fact, grain) -%}
    {%- do activation_name(fact, grain, suffix="_spans") -%}
    {%- set facts = ref(fact) -%}
    {%- set checkpoints = ref(fact ~ "_firstlast_" ~ grain) -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain) -%}
    {%- set week = spec.week_start -%}
    {%- do spec.update({"spans": true}) -%}
    {%- set checkpoint = activation_checkpoint(spec, spec.from, checkpoints) -%}
    with
        runs as ({{ activation_runs(spec, facts, checkpoints, checkpoint, spec.from, spec.until) }})
    select
        {{ spec.key }},
        {{ period_start(spec.period, "earlier", week) }} as streak_start,
        {{ period_start(spec.period, "previous_number", week) }} as streak_end,
        {{ period_start(spec.period, "period_number", week) }} as next_start
        {%- for dimension in spec.dimensions %}
            , previous_{{ dimension }} as {{ dimension }}
        {% endfor %}
    from runs
    where previous_number < period_number - 1
{%- endmacro %}
