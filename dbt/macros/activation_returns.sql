{#-
    Who came back after how long: users per (previous active period, period), NULL for the first visit.

    All there is to know of absence follows from it (research: identities of the activation layer):
    users last seen in l, on p, are those active in l less all who returned from l until p.

    Args: the fact's model name, the grain (daily, weekly, monthly).
-#}
{% macro activation_returns(fact, grain) -%}
    {%- do activation_name(fact, grain, suffix="_returns") -%}
    {%- set active = ref(fact ~ "_activation_" ~ grain) -%}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain) -%}
    {%- set week = spec.week_start -%}
    select previous_period, period_start, count(*) as users
    from {{ active }}
    where
        period_start >= date '{{ period_date(spec.period, spec.from, week) }}'
        and period_start < date '{{ period_date(spec.period, spec.until, week) }}'
        and state <> 'Inactive'
    group by 1, 2
{%- endmacro %}
