{#-
    SQL: the layer's active rows with the states that other systems would give them, as thresholds on
    `interval_periods`. A threshold in days applies to daily layers as it is, else as whole periods.

    wakeup_state: Reactivated only after at least `wakeup_latency` inactive periods (the fact's meta,
    2 unless said), Retained before.
    year_state: New again after a year without activity (Statsig's look-back of 365 days).
    duolingo_state: daily layers only: New, Current (active in the 6 days before), Reactivated (away 7
    to 29 days), Resurrected (30 or more). Published copies differ by a day; ours is stated here.
-#}
{% macro activation_variants(spec, relation) -%}
    {%- set year = {"day": 365, "week": 52, "month": 12}[spec.period] -%}
    select
        {{ spec.key }},
        period_start,
        state,
        interval_periods,
        case
            when state = 'Reactivated' and interval_periods <= {{ spec.wakeup }}
            then 'Retained'
            else state
        end as wakeup_state,
        case when interval_periods > {{ year }} then 'New' else state end as year_state
        {%- if spec.period == "day" %}
            ,
            case
                when state = 'New'
                then 'New'
                when interval_periods is null or interval_periods >= 30
                then 'Resurrected'
                when interval_periods >= 7
                then 'Reactivated'
                else 'Current'
            end as duolingo_state
        {%- endif %}
    from {{ relation }}
    where state <> 'Inactive'
{%- endmacro %}
