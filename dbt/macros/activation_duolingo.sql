{#-
    SQL: users per day and Duolingo's seven states, of a daily layer's `returns`, without any row of an
    Inactive user.

    New, Current (active in the 6 days before), Reactivated (away 7 to 29 days), Resurrected (30 or more),
    and of those who are not there that day: At-risk WAU (last active 1 to 6 days ago), At-risk MAU (7 to
    29), Dormant (30 or more). Days from the first to the last one that anybody was active.

    A group that was last active on `seen` and came back on `back` (or never) is in each absent state from
    one day to another; it is added on the first and taken off after the last, and the sum runs on.
-#}
{% macro activation_duolingo(relation) -%}
    with
        visits as (
            select
                {{ period_index("day", "previous_period") }} as seen,
                {{ period_index("day", "period_start") }} as back,
                users
            from {{ relation }}
        ),
        absences as (
            select seen, back, users
            from visits
            where seen is not null
            union all
            select
                came.seen, cast(null as bigint) as back, came.users - coalesce(left_again.users, 0)
            from (select back as seen, sum(users) as users from visits group by 1) as came
            left join
                (select seen, sum(users) as users from visits group by 1) as left_again
                on came.seen = left_again.seen
        ),
        states as (
            select 'At-risk WAU' as state, 1 as first_day, 6 as last_day
            union all
            select 'At-risk MAU', 7, 29
            union all
            select 'Dormant', 30, null
        ),
        absent as (
            select
                states.state,
                absences.seen + states.first_day as since,
                least(
                    coalesce(absences.seen + states.last_day + 1, 10000000),
                    coalesce(absences.back, 10000000)
                ) as until,
                absences.users
            from absences
            cross join states
        ),
        changes as (
            select state, since as number, users
            from absent
            where since < until
            union all
            select state, until as number, - users
            from absent
            where since < until
        ),
        days as ({{ activation_days(relation) }}),
        counted as (
            select states.state, days.number, sum(coalesce(changes.users, 0)) as users
            from days
            cross join states
            left join changes on states.state = changes.state and days.number = changes.number
            group by 1, 2
        ),
        combined as (
            select state, number, sum(users) over (partition by state order by number) as users
            from counted
            union all
            select
                case
                    when seen is null
                    then 'New'
                    when back - seen >= 30
                    then 'Resurrected'
                    when back - seen >= 7
                    then 'Reactivated'
                    else 'Current'
                end as state,
                back as number,
                users
            from visits
        )
    select
        {{ period_start("day", "number") }} as period_start,
        state,
        cast(sum(users) as bigint) as users
    from combined
    group by 1, 2
    having sum(users) <> 0
{%- endmacro %}
