{#- SQL condition: the accepted events of one name in the landing hours of this invocation. -#}
{% macro event_log_range(event) -%}
    event_name = '{{ event }}'
    and landing_day >= cast('{{ (range_start() or "1970-01-01")[:10] }}' as date)
    and landing_day <= cast('{{ (range_end() or "1970-01-01")[:10] }}' as date)
    and landing_hour >= timestamp '{{ range_start() }}'
    and landing_hour < timestamp '{{ range_end() }}'
{%- endmacro %}
