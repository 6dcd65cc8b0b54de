{# Bring an existing table to the columns of the compiled model: new columns are added (the past holds
   NULL: an additive change), a changed type is cast by create-and-swap (DuckLake's widening in place
   returns wrong results in connections that had read the table). Dropped columns stay.

   `weir events plan` shows these steps before they run (platform/weir/registry/evolution). In an event
   log a value that does not fit its new type becomes NULL: `weir run` rebuilds it from `accepted`.
   Elsewhere it fails the run. #}
{% macro sync_columns(relation, wanted) -%}
    {{ return(adapter.dispatch("sync_columns", "weir")(relation, wanted)) }}
{%- endmacro %}

{# `wanted` is the compiled model. #}
{% macro duckdb__sync_columns(relation, wanted) -%}
    {%- set have = {} -%}
    {%- for c in adapter.get_columns_in_relation(relation) -%}
        {%- do have.update({c.name: c.dtype}) -%}
    {%- endfor -%}
    {%- set described = run_query("describe " ~ wanted) -%}
    {%- set cast = "try_cast" if relation.schema.endswith("event_log") else "cast" -%}
    {%- set casts = [] -%}
    {%- for row in described.rows -%}
        {%- set name, dtype = row[0], row[1] -%}
        {%- if name not in have -%}
            {%- do run_query("alter table " ~ relation ~ ' add column "' ~ name ~ '" ' ~ dtype) -%}
        {%- elif have[name] != dtype -%}
            {%- do casts.append(cast ~ '("' ~ name ~ '" as ' ~ dtype ~ ') as "' ~ name ~ '"') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if casts -%}
        {%- set swap = relation.incorporate(path={"identifier": relation.identifier ~ "__swap"}) -%}
        {%- do run_query(
            "create table " ~ swap ~ " as select * replace (" ~ casts
            | join(", ") ~ ") from " ~ relation
        ) -%}
        {%- do run_query(
            "alter table "
            ~ swap
            ~ " set partitioned by ("
            ~ config.get("partitioned_by", [config.get("partition_column")])
            | join(", ") ~ ")"
        ) -%}
        {%- do run_query("drop table " ~ relation) -%}
        {%- do run_query("alter table " ~ swap ~ " rename to " ~ relation.identifier) -%}
    {%- endif -%}
{%- endmacro %}

{# `wanted` are the model's columns. BigQuery keeps a column's type: a changed one fails the run. #}
{% macro bigquery__sync_columns(relation, wanted) -%}
    {%- set have = {} -%}
    {%- for c in adapter.get_columns_in_relation(relation) -%}
        {%- do have.update({c.name: c.data_type}) -%}
    {%- endfor -%}
    {%- for c in wanted if have.get(c.name, c.data_type) != c.data_type -%}
        {{
            exceptions.raise_compiler_error(
                "The column `"
                ~ c.name
                ~ "` of "
                ~ relation
                ~ " is "
                ~ have[c.name]
                ~ ", the model's is "
                ~ c.data_type
                ~ ". Rename the column in the model, or copy the table with the new type."
            )
        }}
    {%- endfor -%}
    {%- set new = wanted | rejectattr("name", "in", have) | list -%}
    {%- if new -%} {%- do adapter.alter_table_add_columns(relation, new) -%} {%- endif -%}
{%- endmacro %}
