{#- SQL: the columns that every event log begins with, each followed by a comma. -#}
{% macro event_log_base() -%}
    landing_day,
    landing_hour,
    received_at,
    event_id,
    version,
    event_time,
    event_time_corrected,
    user_id,
    device_id,
    session_id,
    platform,
    app_version,
{%- endmacro %}
