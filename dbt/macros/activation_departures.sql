{#-
    SQL: users per (split, value, period, previous state) that were active in the period before and are
    not in this one, of `before` and `arrivals`: those in a state, less those of them who came again.
    Who went is counted under the value of the last visit.
-#}
{% macro activation_departures() -%}
    select
        dim_name,
        dim_value,
        period_number,
        state as previous_state,
        cast(sum(users) as bigint) as users
    from
        (
            select dim_name, dim_value, period_number + 1 as period_number, state, users
            from before
            union all
            select dim_name, dim_value, period_number + 1 as period_number, state, users
            from arrivals
            union all
            select
                dim_name,
                previous_value as dim_value,
                period_number,
                previous_state as state,
                - users as users
            from arrivals
            where previous_state <> 'Inactive'
        ) as moves
    group by 1, 2, 3, 4
{%- endmacro %}
