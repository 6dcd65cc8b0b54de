{#-
    SQL: one row per period and value of a summary: active users by state, who went and who stayed away,
    and the two ratios that say whether a product grows.

    pulse: (New + Reactivated) / users that became Inactive: above 1 more come than go (Amplitude; Tribe
    Capital's quick ratio). churn_rate: users that became Inactive / active users of the period before,
    of the same value. Both are NULL where nobody went or was, and while the period is open.

    Args: the mapping of `activation_fact` and `period_unit`, the summary.
-#}
{% macro activation_pulse(spec, relation) -%}
    select
        period_start,
        dim_name,
        dim_value,
        is_complete,
        new_users,
        retained,
        reactivated,
        active,
        went,
        stayed_away,
        case when is_complete and went > 0 then (new_users + reactivated) / went end as pulse,
        case
            when is_complete and follows and active_before > 0 then went / active_before
        end as churn_rate
    from
        (
            select
                counted.*,
                lag(active) over (
                    partition by dim_name, dim_value order by period_number
                ) as active_before,
                lag(period_number) over (partition by dim_name, dim_value order by period_number)
                = period_number - 1 as follows
            from
                (
                    select
                        period_start,
                        {{ period_index(spec.period, "period_start", spec.week_start) }}
                        as period_number,
                        dim_name,
                        dim_value,
                        is_complete,
                        {{ users_where("state = 'New'") }} as new_users,
                        {{ users_where("state = 'Retained'") }} as retained,
                        {{ users_where("state = 'Reactivated'") }} as reactivated,
                        {{ users_where("state <> 'Inactive'") }} as active,
                        {{ users_where("previous_state <> 'Inactive' and state = 'Inactive'") }}
                        as went,
                        {{ users_where("previous_state = 'Inactive' and state = 'Inactive'") }}
                        as stayed_away
                    from {{ relation }}
                    group by 1, 2, 3, 4, 5
                ) as counted
        ) as compared
{%- endmacro %}
