{#-
    SQL: one row per period and value of a summary: active users by state, who went and who stayed away,
    and the two ratios that say whether a product grows.

    pulse: (New + Reactivated) / users that became Inactive: above 1 more come than go (Amplitude; Tribe
    Capital's quick ratio). churn_rate: users that became Inactive / active users of the period before.
    Both are NULL where nobody went or was, and while the period is open.
-#}
{% macro activation_pulse(relation) -%}
    select
        period_start,
        dim_name,
        dim_value,
        is_complete,
        new_users,
        retained,
        reactivated,
        new_users + retained + reactivated as active,
        went,
        stayed_away,
        case when is_complete and went > 0 then (new_users + reactivated) / went end as pulse,
        case
            when is_complete and retained_all + went > 0 then went / (retained_all + went)
        end as churn_rate
    from
        (
            select
                period_start,
                dim_name,
                dim_value,
                is_complete,
                cast(sum(case when state = 'New' then users else 0 end) as bigint) as new_users,
                cast(sum(case when state = 'Retained' then users else 0 end) as bigint) as retained,
                cast(
                    sum(case when state = 'Reactivated' then users else 0 end) as bigint
                ) as reactivated,
                cast(
                    sum(
                        case
                            when previous_state <> 'Inactive' and state = 'Inactive'
                            then users
                            else 0
                        end
                    ) as bigint
                ) as went,
                cast(
                    sum(
                        case
                            when previous_state = 'Inactive' and state = 'Inactive'
                            then users
                            else 0
                        end
                    ) as bigint
                ) as stayed_away,
                cast(
                    sum(
                        case
                            when previous_state <> 'Inactive' and state <> 'Inactive'
                            then users
                            else 0
                        end
                    ) as bigint
                ) as retained_all
            from {{ relation }}
            group by 1, 2, 3, 4
        ) as counted
{%- endmacro %}
