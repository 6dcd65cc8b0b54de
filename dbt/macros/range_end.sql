{# The end, exclusive, of this invocation's half-open range. See range_start. #}
{% macro range_end() -%} {{ return(weir.range_bound("event_time_end")) }} {%- endmacro %}
