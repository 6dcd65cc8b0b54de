{# The first instant of this invocation's half-open range, as dbt was given it: text like
   `1997-01-01T00:00:00`, without a zone; none while parsing. Never a --vars value: that would
   re-parse the whole project at every run. #}
{% macro range_start() -%} {{ return(weir.range_bound("event_time_start")) }} {%- endmacro %}
