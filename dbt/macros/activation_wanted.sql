{#-
    SQL: the keys that are active in the periods [from, until): whoever else was active before is not
    needed for these rows.
-#}
{% macro activation_wanted(spec, facts, from, until) -%}
    {%- set week = spec.week_start -%}
    select distinct {{ spec.key }}
    from {{ facts }}
    where
        activity_date >= date '{{ period_date(spec.period, from, week) }}'
        and activity_date < date '{{ period_date(spec.period, until, week) }}'
        and {{ spec.key }} is not null
{%- endmacro %}
