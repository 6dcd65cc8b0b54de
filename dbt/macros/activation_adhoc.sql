{#-
    SQL: the tables of a layer that is not built, computed from the fact alone, from its first day until a
    period. Three queries, each after a line `-- part: <name>` (activation, summary, returns); each names
    the one before it by the layer's own name, without a schema. Rows of Inactive keys are left out,
    whatever the fact's `inactive_rows` says: the figures do not need them.

    It is the same steps as in `activation` and `activation_summary`, with no checkpoint to begin at.
    Nothing is stored: the console runs them in memory, on facts of a bounded size.

    Args: the fact's model name, the grain (daily, weekly, monthly), the first day left out.
-#}
{% macro activation_adhoc(fact, grain, until) -%}
    {%- set facts = ref(fact) -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_fact(fact) -%}
    {%- do spec.update(period_unit(grain)) -%}
    {%- set week = spec.week_start -%}
    {%- set first = period_number(spec.period, spec.first, week) -%}
    {%- do spec.update(
        {
            "grain": grain,
            "birth": first,
            "from": first,
            "until": period_number(spec.period, activation_date(until), week),
            "horizon": none,
        }
    ) -%}
    {%- set nothing = {"start": none, "after": first} -%}
    {%- set active = '"' ~ fact ~ "_activation_" ~ grain ~ '"' -%}
    {%- set relations = {"active": active, "checkpoints": none, "facts": facts} -%}
    -- part: activation
    {{ adapter.dispatch("activation")(spec, facts, none, nothing, first) }}
    -- part: summary
    {{ adapter.dispatch("activation_summary")(spec, relations, nothing) }}
    -- part: returns
    select previous_period, period_start, count(*) as users
    from {{ active }}
    group by 1, 2
{%- endmacro %}
