{# Schema = folder under models/ = stage, with no target prefix. #}
{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
