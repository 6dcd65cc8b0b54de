{#-
    SQL condition on `landing_day`: the landing days that hold events of the wanted dates, as literals,
    so that the engine reads only their files. The days come from the manifest (landing hour × event
    hour); a day more on each side covers every time zone.

    Args: names of the events that the model reads.
-#}
{% macro landing_days(events) -%}
    {%- if not execute or not range_start() -%} {{ return("false") }} {%- endif -%}
    {%- set found = run_query(landing_days_query(events)).columns[0].values() -%}
    {%- if not found -%} {{ return("false") }} {%- endif -%}
    {%- if found | length > 60 -%}
        {{ return("landing_day between date '" ~ found[0] ~ "' and date '" ~ found[-1] ~ "'") }}
    {%- endif -%}
    {{ return("landing_day in (date '" ~ found | join("', date '") ~ "')") }}
{%- endmacro %}

{#- The query on the manifest behind it. -#}
{% macro landing_days_query(events) -%}
    {%- set a_day = modules.datetime.timedelta(days=1) -%}
    {%- set moment = modules.datetime.datetime.fromisoformat -%}
    select distinct cast(landing_hour as date) as landing_day
    from
        {{ "`" ~ target.database ~ "`" if target.type == "bigquery" else target.database }}.weir.manifest
    where
        event_name in ('{{ events | join("', '") }}')
        and event_hour >= timestamp '{{ moment(range_start()) - a_day }}'
        and event_hour < timestamp '{{ moment(range_end()) + a_day }}'
    order by 1
{%- endmacro %}
