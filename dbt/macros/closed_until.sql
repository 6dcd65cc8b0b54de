{#-
    SQL: the UTC instant up to which landing is closed: every lane has sealed its hours before it. Before
    anything live was collected (a home of imports only) no hour was ever open: it is then the present.
-#}
{% macro closed_until() -%} {{ return(adapter.dispatch("closed_until")()) }} {%- endmacro %}

{% macro duckdb__closed_until() -%}
    (
        select coalesce(min(closed_until), date_trunc('hour', now()::timestamp))
        from {{ target.database }}.weir.lane_owner
        where lane not like 'import/%'
    )
{%- endmacro %}

{% macro bigquery__closed_until() -%}
    (
        select coalesce(min(closed_until), timestamp_trunc(current_timestamp(), hour))
        from `{{ target.database }}`.weir.lane_owner
        where lane not like 'import/%'
    )
{%- endmacro %}
