{#-
    The identities of the activation layer, per period:
        New + Retained + Reactivated = active rows of the layer = keys in the fact
        no count is negative, and each dimension splits exactly the total
    and, where this period and the one before are complete:
        seen(p) = seen(p - 1) + first activities(p)
        (X -> Inactive)(p) = users in state X at p - 1, less the active at p who were X before
        (Inactive -> Inactive)(p) = Inactive(p - 1), less the active at p who were Inactive before
    `failures` is the number of users by which they are missed; `detail` says which, with both numbers.

    Args: the fact's model name, the grain.
-#}
{% test part_identity(model, fact, grain) %}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain) -%}
    {%- set week = spec.week_start -%}
    {%- set layer = part_relation(fact ~ "_activation_" ~ grain) -%}
    {%- set summaries = part_relation(fact ~ "_activation_" ~ grain ~ "_summary") -%}
    {%- set before = period_date(spec.period, spec.from - 1, week) -%}
    {%- set from = period_date(spec.period, spec.from, week) -%}
    {%- set until = period_date(spec.period, spec.until, week) -%}
    {%- set states = ["New", "Retained", "Reactivated", "Inactive"] -%}
    with
        spine as ({{ period_spine(spec.from, spec.until) }}),
        summary as (
            select
                {{ period_index(spec.period, "period_start", week) }} as period_number,
                dim_name,
                coalesce(previous_state, '') as previous_state,
                state,
                cast(sum(users) as bigint) as users,
                cast(sum(case when users < 0 then - users else 0 end) as bigint) as negative,
                min(case when is_complete then 1 else 0 end) as complete
            from {{ summaries }}
            where period_start >= date '{{ before }}' and period_start < date '{{ until }}'
            group by 1, 2, 3, 4
        ),
        totals as (
            select
                period_number,
                sum(users) as seen,
                sum(case when state <> 'Inactive' then users else 0 end) as active,
                sum(case when previous_state = '' then users else 0 end) as first_time,
                {%- for state in states %}
                    sum(
                        case when state = '{{ state }}' then users else 0 end
                    ) as is_{{ state | lower }},
                    sum(
                        case
                            when previous_state = '{{ state }}' and state <> 'Inactive'
                            then users
                            else 0
                        end
                    ) as back_{{ state | lower }},
                    sum(
                        case
                            when previous_state = '{{ state }}' and state = 'Inactive'
                            then users
                            else 0
                        end
                    ) as gone_{{ state | lower }},
                {%- endfor %}
                min(complete) as complete
            from summary
            where dim_name = 'total'
            group by 1
        ),
        layer as (
            select
                {{ period_index(spec.period, "period_start", week) }} as period_number,
                count(*) as users
            from {{ layer }}
            where
                period_start >= date '{{ from }}'
                and period_start < date '{{ until }}'
                and state <> 'Inactive'
            group by 1
        ),
        source as (
            select
                {{ period_index(spec.period, "activity_date", week) }} as period_number,
                count(distinct {{ spec.key }}) as users
            from {{ part_relation(fact) }}
            where activity_date >= date '{{ from }}' and activity_date < date '{{ until }}'
            group by 1
        ),
        splits as (
            select period_number, dim_name, previous_state, state, sum(users) as users
            from
                (
                    select period_number, dim_name, previous_state, state, users
                    from summary
                    where dim_name <> 'total'
                    {%- for dimension in spec.dimensions %}
                        union all
                        select period_number, '{{ dimension }}', previous_state, state, - users
                        from summary
                        where dim_name = 'total'
                    {%- endfor %}
                ) as both_sides
            group by 1, 2, 3, 4
        ),
        consecutive as (
            select
                totals.*
                {%- for state in states %}
                    , earlier.is_{{ state | lower }} as was_{{ state | lower }}
                {%- endfor %},
                earlier.seen as seen_before
            from totals
            inner join totals as earlier on totals.period_number = earlier.period_number + 1
            where totals.complete = 1 and earlier.complete = 1
        ),
        rules as (
            select
                spine.period_number,
                'active users and active rows of the layer' as rule,
                coalesce(totals.active, 0) as found,
                coalesce(layer.users, 0) as expected
            from spine
            left join totals on spine.period_number = totals.period_number
            left join layer on spine.period_number = layer.period_number
            union all
            select
                spine.period_number,
                'active users and keys in the fact',
                coalesce(totals.active, 0),
                coalesce(source.users, 0)
            from spine
            left join totals on spine.period_number = totals.period_number
            left join source on spine.period_number = source.period_number
            union all
            select period_number, 'users below zero', sum(negative), 0
            from summary
            group by 1
            union all
            select period_number, 'users by ' || dim_name || ' beyond the total', sum(abs(users)), 0
            from splits
            group by 1, dim_name
            union all
            select
                period_number, 'seen and seen before + first time', seen, seen_before + first_time
            from consecutive
            {%- for state in states %}
                    {%- set name = state | lower %}
                union all
                select
                    period_number,
                    '{{ state }} -> Inactive and {{ state }} before - back',
                    gone_{{ name }},
                    was_{{ name }} - back_{{ name }}
                from consecutive
            {%- endfor %}
        ),
        broken as (
            select
                period_number,
                rule,
                cast(found as bigint) as found,
                cast(expected as bigint) as expected
            from rules
            where found <> expected and period_number >= {{ spec.from }}
        )
    select
        cast(
            {{ period_start(spec.period, "period_number", week) }} as {{ dbt.type_string() }}
        ) as partition_key,
        sum(abs(found - expected)) as failures,
        string_agg(
            rule
            || ': '
            || cast(found as {{ dbt.type_string() }})
            || ', '
            || cast(expected as {{ dbt.type_string() }}),
            '; '
            order by rule
        ) as detail
    from broken
    group by 1
{% endtest %}
