{#- SQL: one row: `users` that were ever active before the range, `active` in the period before it. -#}
{% macro activation_seen(spec, relations, checkpoint) -%}
    select
        count(distinct known.{{ spec.key }}) as users,
        (select cast(coalesce(sum(before.users), 0) as bigint) from before) as active
    from
        (
            select {{ spec.key }}
            from {{ relations.facts }}
            where
                activity_date
                >= date '{{ period_date(spec.period, checkpoint.after, spec.week_start) }}'
                and activity_date
                < date '{{ period_date(spec.period, spec.from, spec.week_start) }}'
            {%- if checkpoint.start %}
                union all
                select {{ spec.key }}
                from {{ relations.checkpoints }}
                where checkpoint_start = date '{{ checkpoint.start }}'
            {%- endif %}
        ) as known
{%- endmacro %}
