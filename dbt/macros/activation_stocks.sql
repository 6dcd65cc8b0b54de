{#-
    SQL: users per period that were Inactive in the period before and still are, of `spine`, `arrivals`
    and `seen_before`: all seen before, less the active of the period before, less the returned.
-#}
{% macro activation_stocks() -%}
    select
        counts.period_number,
        seen_before.users + coalesce(
            sum(counts.newcomers) over (
                order by counts.period_number rows between unbounded preceding and 1 preceding
            ),
            0
        )
        - coalesce(lag(counts.active) over (order by counts.period_number), seen_before.active)
        - counts.returned as users
    from
        (
            select
                spine.period_number,
                coalesce(sum(arrivals.users), 0) as active,
                coalesce(
                    sum(case when arrivals.state = 'New' then arrivals.users end), 0
                ) as newcomers,
                coalesce(
                    sum(case when arrivals.previous_state = 'Inactive' then arrivals.users end), 0
                ) as returned
            from spine
            left join arrivals on spine.period_number = arrivals.period_number
            group by 1
        ) as counts
    cross join seen_before
{%- endmacro %}
