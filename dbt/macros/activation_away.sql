{#-
    SQL: one row per key and period of the range in which it was Inactive, for as many periods after its
    last activity as the fact's `inactive_rows` says; the columns of `runs` are those of that activity.

    A period that may still receive events in time has none: who stays away is not known before its end.
-#}
{% macro activation_away(spec) -%}
    select last_runs.*, spine.period_number as away_number
    from
        (
            select
                runs.*,
                lead(period_number) over (
                    partition by {{ spec.key }} order by period_number
                ) as next_number
            from runs
        ) as last_runs
    inner join
        ({{ period_spine(spec.from, spec.until) }}) as spine
        on spine.period_number > last_runs.period_number
        and spine.period_number <= last_runs.period_number + {{ spec.horizon }}
        and spine.period_number < coalesce(last_runs.next_number, {{ spec.until }})
    where {{ activation_complete(spec, "spine.period_number") }}
{%- endmacro %}
