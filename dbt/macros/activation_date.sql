{#- The Python date in front of a text, a date or a timestamp. -#}
{% macro activation_date(value) -%}
    {{ return(modules.datetime.date.fromisoformat((value | string)[:10])) }}
{%- endmacro %}
