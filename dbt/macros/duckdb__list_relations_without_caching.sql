{#-
    The tables and views of a schema, from the lake's own catalogue. dbt-duckdb asks DuckDB, which loads
    the columns and figures of every table to say its name: 40 ms and more, at every invocation.
-#}
{% macro duckdb__list_relations_without_caching(schema_relation) -%}
    {%- set catalogue = "__ducklake_metadata_" ~ schema_relation.database -%}
    {%- call statement("list_relations_without_caching", fetch_result=true) -%}
        with
            schemas as (
                select schema_id, schema_name
                from {{ catalogue }}.ducklake_schema
                where
                    lower(schema_name) = lower('{{ schema_relation.schema }}')
                    and end_snapshot is null
            )
        select
            '{{ schema_relation.database }}' as database,
            table_name as name,
            schema_name as schema,
            'table' as type
        from {{ catalogue }}.ducklake_table
        join schemas using (schema_id)
        where end_snapshot is null
        union all
        select '{{ schema_relation.database }}', view_name, schema_name, 'view'
        from {{ catalogue }}.ducklake_view
        join schemas using (schema_id)
        where end_snapshot is null
    {%- endcall -%}
    {{ return(load_result("list_relations_without_caching").table) }}
{%- endmacro %}
