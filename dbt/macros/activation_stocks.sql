{#-
    SQL: users per (split, value, period) that were Inactive in the period before and still are, of
    `spine`, `arrivals`, `before` and `seen_before`: all seen before whose last visit had the value, less
    the active of the period before, less the returned.
-#}
{% macro activation_stocks() -%}
    {%- set before = "partition by dim_name, dim_value order by period_number" -%}
    select
        dim_name,
        dim_value,
        period_number,
        cast(
            coalesce(
                sum(moved) over ({{ before }} rows between unbounded preceding and 1 preceding), 0
            )
            + seen_before
            - coalesce(lag(active) over ({{ before }}), active_before)
            - returned as bigint
        ) as users
    from
        (
            select
                splits.dim_name,
                splits.dim_value,
                spine.period_number,
                max(splits.seen) as seen_before,
                max(splits.active) as active_before,
                coalesce(sum(changes.arrived), 0) as active,
                coalesce(sum(changes.arrived - changes.gone), 0) as moved,
                coalesce(sum(changes.returned), 0) as returned
            from
                (
                    select dim_name, dim_value, sum(seen) as seen, sum(active) as active
                    from
                        (
                            select dim_name, dim_value, users as seen, 0 as active
                            from seen_before
                            union all
                            select dim_name, dim_value, 0 as seen, users as active
                            from before
                            union all
                            select dim_name, dim_value, 0 as seen, 0 as active
                            from arrivals
                        ) as known
                    group by 1, 2
                ) as splits
            cross join spine
            left join
                (
                    select
                        dim_name,
                        dim_value,
                        period_number,
                        users as arrived,
                        0 as gone,
                        0 as returned
                    from arrivals
                    union all
                    select
                        dim_name,
                        previous_value as dim_value,
                        period_number,
                        0 as arrived,
                        users as gone,
                        case when previous_state = 'Inactive' then users else 0 end as returned
                    from arrivals
                    where previous_state is not null
                ) as changes
                on splits.dim_name = changes.dim_name
                and splits.dim_value = changes.dim_value
                and spine.period_number = changes.period_number
            group by 1, 2, 3
        ) as counts
{%- endmacro %}
