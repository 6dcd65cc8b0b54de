{#- SQL: users by state in the period before the range (no row at the fact's first period). -#}
{% macro activation_before(spec, relations, checkpoint) -%}
    select runs.period_number, {{ activation_state() }} as state, count(*) as users
    from
        (
            {{
                activation_runs(
                    spec,
                    relations.facts,
                    relations.checkpoints,
                    checkpoint,
                    spec.from - 1,
                    [spec.from, checkpoint.after] | max,
                )
            }}
        ) as runs
    group by 1, 2
{%- endmacro %}
