{#-
    Choose the checkpoint that the rows of period `from` start at: the newest one that exists among
    those that end before it.

    A period belongs to the checkpoint that holds its last day, so no period straddles two: checkpoint
    c is the state after all periods whose last day is in c or before. A missing checkpoint costs time
    only: an older one is taken, or, without any, the facts are read from their first day. Whether a
    checkpoint is fresh was decided by the ledger before the run.

    Args: the mapping of `activation_range`, an index of the grain's period, the checkpoint relation.
    Returns: a mapping with start (Python date of its label, none without one) and after (the index of
    the first period that it does not hold).
-#}
{% macro activation_checkpoint(spec, from, relation) -%}
    {%- set week = spec.week_start -%}
    {%- set last_day = period_date(spec.period, from + 1, week) - modules.datetime.timedelta(days=1) -%}
    {%- set needed = period_number(spec.checkpoint, last_day) - 1 -%}
    {%- set nothing = {"start": none, "after": spec.birth} -%}
    {%- if needed < period_number(spec.checkpoint, spec.first) or not load_relation(relation) -%}
        {{ return(nothing) }}
    {%- endif -%}
    {%- set newest = run_query(
        activation_newest(relation, period_date(spec.checkpoint, needed))
    ).rows[0][0] -%}
    {%- if newest is none -%} {{ return(nothing) }} {%- endif -%}
    {%- set start = activation_date(newest) -%}
    {%- set next = period_date(spec.checkpoint, period_number(spec.checkpoint, start) + 1) -%}
    {{ return({"start": start, "after": period_number(spec.period, next, week)}) }}
{%- endmacro %}
