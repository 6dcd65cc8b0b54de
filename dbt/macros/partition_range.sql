{# Replace the range of this invocation in one transaction: the table's other partitions stay as they
   are, a partition that became empty ends up empty, and readers see either all of the old or all of
   the new. The ledger entry travels in the same commit.

   Config: partition_column (required), partition_type (date | timestamp), partitioned_by (a list of
   physical partition expressions), clock (landing | day | week | month). #}
{% materialization partition_range, adapter = "duckdb", supported_languages = ["sql"] %}
    {%- set began = modules.datetime.datetime.now() -%}
    {%- set target_relation = weir.own_relation(this.incorporate(type="table")) -%}
    {%- set column = config.require("partition_column") -%}
    {%- set inside = weir.partition_bounds(config) -%}
    {%- do weir.check_clock() -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if load_cached_relation(target_relation) is none %}
        {% call statement("create") %}
            create table if not exists {{ target_relation }} as select * from ({{ compiled_code }}) limit 0;
            alter table {{ target_relation }} set partitioned by
                ({{ config.get("partitioned_by", [column]) | join(", ") }});
        {% endcall %}
    {% else %} {%- do weir.sync_columns(target_relation, compiled_code) -%}
    {% endif %}

    {% call statement("main") %}
        delete from {{ target_relation }}
        where {{ inside }}
        ;
        insert into {{ target_relation }} by name {{ compiled_code }};
    {% endcall %}
    {%- do weir.run_beside(this) -%}
    {%- do weir.sync_view(this) -%}
    {%- do weir.write_ledger_entry(target_relation, column, inside, began) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{# The same on BigQuery: one script, DELETE and INSERT with literal bounds in one transaction. Never a
   MERGE or a dynamic partition, which read what they cannot prune; decision 21 says why. DDL is no part
   of a transaction there: tables, columns and views come before it and after it.

   It writes no ledger entry yet: the ledger reads the commits of DuckLake (docs/guides/bigquery.md). #}
{% materialization partition_range, adapter = "bigquery", supported_languages = ["sql"] %}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set inside = weir.partition_bounds(config) -%}
    {%- do weir.check_clock() -%}
    {%- do weir.check_partitions() -%}

    {{ run_hooks(pre_hooks) }}

    {%- set columns = adapter.get_columns_in_select_sql(get_empty_subquery_sql(compiled_code)) -%}
    {%- set names = "`" ~ columns | map(attribute="name") | join("`, `") ~ "`" -%}
    {% if load_cached_relation(this) is none %}
        {%- set storage = weir.partition_storage(config) -%}
        {% call statement("create") %}
            create table if not exists {{ target_relation }}
            partition by {{ storage.expression }}
            {% if storage.cluster %} cluster by {{ storage.cluster | join(", ") }}
            {% endif %}
            as {{ get_empty_subquery_sql(compiled_code) }}
        {% endcall %}
    {% else %} {%- do weir.sync_columns(target_relation, columns) -%}
    {% endif %}

    {% call statement("main") %}
        begin transaction;
        delete from {{ target_relation }}
        where {{ inside }}
        ;
        insert into {{ target_relation }} ({{ names }})
        select {{ names }} from ({{ compiled_code }});
        commit transaction
        ;
    {% endcall %}
    {%- do weir.sync_view(target_relation) -%}

    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
