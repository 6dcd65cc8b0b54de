{#-
    How a summary is split: the total, then each dimension, whose missing value is `(none)`.

    Returns: mappings with name, value (SQL of the value) and previous (SQL of that at the previous
    active period, where there is one).
-#}
{% macro activation_splits(spec) -%}
    {%- set splits = [{"name": "total", "value": "''", "previous": "''"}] -%}
    {%- for dimension in spec.dimensions -%}
        {%- set value -%} coalesce(cast({{ dimension }} as {{ dbt.type_string() }}), '(none)') {%- endset -%}
        {%- set previous -%} coalesce(cast(previous_{{ dimension }} as {{ dbt.type_string() }}), '(none)') {%- endset -%}
        {%- do splits.append({"name": dimension, "value": value, "previous": previous}) -%}
    {%- endfor -%}
    {{ return(splits) }}
{%- endmacro %}
