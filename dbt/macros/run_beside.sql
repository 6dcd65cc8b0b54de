{# Run the statements that Weir's runner gave for a model, in the transaction that holds its rows: in an
   environment the view that shows them, and which partitions of production they were built beside. #}
{% macro run_beside(relation) -%}
    {%- set context = fromjson(
        run_query("select coalesce(getvariable('weir_run')::varchar, '{}')").rows[0][0]
    ) -%}
    {%- set asset = relation.schema ~ "/" ~ relation.identifier -%}
    {%- for text in context.get("beside", {}).get(asset, []) -%}
        {%- do run_query(text) -%}
    {%- endfor -%}
{%- endmacro %}
