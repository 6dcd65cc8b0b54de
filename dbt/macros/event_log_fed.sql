{#- SQL condition: the rows of the versions that feed a column, where not all versions do. -#}
{% macro event_log_fed(column) -%}
    {%- if not column.since -%} version <= {{ column.until }}
    {%- elif column.until is defined -%} version between {{ column.since }} and {{ column.until }}
    {%- else -%} version >= {{ column.since }}
    {%- endif -%}
{%- endmacro %}
