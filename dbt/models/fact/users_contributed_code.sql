{%- set events = [
    "push_commit_git",
    "merge_branch_git",
    "publish_release_git",
    "revert_commit_git",
] %}

with
    contributions as (
        {%- for event in events %}
            select
                user_id,
                {{ local_date("event_time", "Asia/Seoul") }} as activity_date,
                coalesce(files__added, 0)
                + coalesce(files__modified, 0)
                + coalesce(files__deleted, 0) as files_changed
            from {{ ref(event) }}
            where
                user_id is not null
                and not coalesce(is_bot, false)
                and {{ event_window("event_time", "Asia/Seoul") }}
                and {{ landing_days(events=[event]) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {%- endfor %}
    )
select
    user_id,
    activity_date,
    count(*) as event_count,
    cast(sum(files_changed) as bigint) as files_changed
from contributions
group by 1, 2
