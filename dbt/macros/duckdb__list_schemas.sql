{#-
    The schemas of the lake, from its own catalogue. dbt-duckdb asks DuckDB's information schema, which
    opens every attached catalogue for writing: some 10 ms at every invocation.
-#}
{% macro duckdb__list_schemas(database) -%}
    {{
        return(
            run_query(
                "select schema_name from __ducklake_metadata_"
                ~ database.strip('"')
                ~ ".ducklake_schema where end_snapshot is null"
            )
        )
    }}
{%- endmacro %}
