{#-
    SQL: users per (period, previous state) that were active in the period before and are not in this
    one, of `before` and `arrivals`: those in a state, less those of them who came again.
-#}
{% macro activation_departures() -%}
    select period_number, state as previous_state, cast(sum(users) as bigint) as users
    from
        (
            select period_number + 1 as period_number, state, users
            from before
            union all
            select period_number + 1 as period_number, state, users
            from arrivals
            union all
            select period_number, previous_state as state, - users as users
            from arrivals
            where previous_state <> 'Inactive'
        ) as moves
    group by 1, 2
{%- endmacro %}
