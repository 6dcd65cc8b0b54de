{# Bring the view that unites an event's versions to the text in the model's `meta.weir.united`, in the
   transaction that holds the table. Only where it differs, which its comment says: an equal view
   would be a change of the lake's schema in every run. #}
{% macro sync_view(relation) -%}
    {%- set united = config.get("meta", {}).get("weir", {}).get("united") -%}
    {%- if united -%}
        {%- set known = run_query(
            "select comment from duckdb_views() where database_name = '"
            ~ relation.database
            ~ "' and schema_name = '"
            ~ relation.schema
            ~ "' and view_name = '"
            ~ united.view
            ~ "'"
        ) -%}
        {%- if not known.rows or known.rows[0][0] != united.comment -%}
            {%- set view = relation.incorporate(path={"identifier": united.view}) -%}
            {%- do run_query("create or replace view " ~ view ~ " as " ~ united.select) -%}
            {%- do run_query("comment on view " ~ view ~ " is '" ~ united.comment ~ "'") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
