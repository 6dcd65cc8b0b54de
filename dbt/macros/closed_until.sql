{# The UTC instant up to which landing is closed: every lane has sealed its hours before it. #}
{% macro closed_until() -%}
    (select min(closed_until) from {{ target.database }}.weir.lane_owner where lane not like 'import/%')
{%- endmacro %}
