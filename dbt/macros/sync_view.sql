{# Bring the views that stand beside a table to their text, in the transaction that holds the table: the
   one that unites an event's versions (the model's `meta.weir.united`), and those of an activation
   layer. Only where a text differs, which its comment says: an equal view would be a change of the
   lake's schema in every run. #}
{% macro sync_view(relation) -%}
    {%- set meta = config.get("meta", {}).get("weir", {}) -%}
    {%- set views = [meta.united] if meta.get("united") else [] -%}
    {%- do views.extend(weir.activation_views(meta, relation)) -%}
    {%- for wanted in views -%}
        {%- do adapter.dispatch("sync_view", "weir")(relation, wanted) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro duckdb__sync_view(relation, wanted) -%}
    {%- set known = run_query(
        "select comment from duckdb_views() where database_name = '"
        ~ relation.database
        ~ "' and schema_name = '"
        ~ relation.schema
        ~ "' and view_name = '"
        ~ wanted.view
        ~ "'"
    ) -%}
    {%- if not known.rows or known.rows[0][0] != wanted.comment -%}
        {%- set view = relation.incorporate(path={"identifier": wanted.view}) -%}
        {%- do run_query("create or replace view " ~ view ~ " as " ~ wanted.select) -%}
        {%- do run_query("comment on view " ~ view ~ " is '" ~ wanted.comment ~ "'") -%}
    {%- endif -%}
{%- endmacro %}

{# The definition of a view is metadata there: it costs nothing to write it again. #}
{% macro bigquery__sync_view(relation, wanted) -%}
    {%- set view = relation.incorporate(path={"identifier": wanted.view}, type="view") -%}
    {%- do run_query("create or replace view " ~ view ~ " as " ~ wanted.select) -%}
{%- endmacro %}
