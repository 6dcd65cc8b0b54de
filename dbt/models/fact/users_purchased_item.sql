with
    purchases as (
        select
            user_id,
            {{ local_date("event_time", "UTC") }} as activity_date,
            quantity,
            cast(price as decimal(18, 2)) as price
        from {{ ref("purchase_item_shop") }}
        where
            user_id is not null
            and {{ event_window("event_time", "UTC") }}
            and {{ landing_days(events=["purchase_item_shop"]) }}
    )
select
    user_id,
    activity_date,
    count(*) as event_count,
    cast(sum(quantity) as bigint) as quantity,
    cast(sum(price) as decimal(18, 2)) as amount
from purchases
group by 1, 2
