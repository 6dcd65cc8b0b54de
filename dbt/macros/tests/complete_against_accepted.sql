{#-
    Landing partitions whose typed rows are not as many as the accepted events of this name:
    accepted = Σ event log, one event at a time.

    Args: the event's name, its tier.
-#}
{% test complete_against_accepted(model, event, tier) %}
    {%- set key = part_key() -%}
    with
        typed as (select {{ key }} as partition_key, count(*) as found from {{ model }} group by 1),
        wanted as (
            select {{ key }} as partition_key, count(*) as found
            from {{ source("accepted", tier) }}
            where
                event_name = '{{ event }}'
                and landing_hour >= timestamp '{{ range_start() }}'
                and landing_hour < timestamp '{{ range_end() }}'
            group by 1
        )
    select
        coalesce(wanted.partition_key, typed.partition_key) as partition_key,
        coalesce(wanted.found, 0) - coalesce(typed.found, 0) as failures
    from wanted
    full join typed on typed.partition_key = wanted.partition_key
    where coalesce(wanted.found, 0) <> coalesce(typed.found, 0)
{% endtest %}
