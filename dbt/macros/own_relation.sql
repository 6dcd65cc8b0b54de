{# The table that this invocation writes: the model's, or in an environment (`weir env`) the one of its
   own beside the view that shows it together with production's. #}
{% macro own_relation(relation) -%}
    {%- set schema = env_var("WEIR_DBT_OWN", "") ~ relation.schema -%}
    {{ return(relation.incorporate(path={"schema": schema})) }}
{%- endmacro %}
