{#-
    The identities of the activation layer, per period of a summary's total:
        New + Retained + Reactivated = rows of the layer = keys in the fact
        seen(p) = seen(p - 1) + New(p), where both periods are complete
        no count is negative
    `failures` is the number of users by which they are missed.

    Args: the fact's model name, the grain.
-#}
{% test part_identity(model, fact, grain) %}
    {%- if not execute -%} {{ return("select 1") }} {%- endif -%}
    {%- set spec = activation_range(fact, grain) -%}
    {%- set week = spec.week_start -%}
    {%- set from = period_date(spec.period, spec.from, week) -%}
    {%- set until = period_date(spec.period, spec.until, week) -%}
    with
        spine as ({{ period_spine(spec.from, spec.until) }}),
        summary as (
            select
                {{ period_index(spec.period, "period_start", week) }} as period_number,
                sum(case when state <> 'Inactive' then users else 0 end) as active,
                sum(case when state = 'New' then users else 0 end) as newcomers,
                sum(users) as seen,
                sum(case when users < 0 then - users else 0 end) as negative,
                min(case when is_complete then 1 else 0 end) as complete
            from {{ model }}
            where dim_name = 'total'
            group by 1
        ),
        layer as (
            select
                {{ period_index(spec.period, "period_start", week) }} as period_number,
                count(*) as users
            from {{ part_relation(fact ~ "_activation_" ~ grain) }}
            where period_start >= date '{{ from }}' and period_start < date '{{ until }}'
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
        joined as (
            select
                spine.period_number,
                coalesce(summary.active, 0) as active,
                coalesce(layer.users, 0) as in_layer,
                coalesce(source.users, 0) as in_source,
                coalesce(summary.negative, 0) as negative,
                case
                    when
                        summary.complete = 1
                        and lag(summary.complete) over (order by spine.period_number) = 1
                    then
                        abs(
                            summary.seen
                            - lag(summary.seen) over (order by spine.period_number)
                            - summary.newcomers
                        )
                    else 0
                end as unseen
            from spine
            left join summary on spine.period_number = summary.period_number
            left join layer on spine.period_number = layer.period_number
            left join source on spine.period_number = source.period_number
        ),
        measured as (
            select
                period_number,
                abs(active - in_source) + abs(in_layer - in_source) + negative + unseen as failures
            from joined
        )
    select
        cast(
            {{ period_start(spec.period, "period_number", week) }} as {{ dbt.type_string() }}
        ) as partition_key,
        failures
    from measured
    where failures > 0
{% endtest %}
