{#-
    SQL: the label of the newest checkpoint up to a date, one row with one column.

    BigQuery bills a whole column for a `max`, of every checkpoint ever written; its list of partitions
    is the same answer for a fixed 10 MB.

    Args: the checkpoint relation, a Python date.
-#}
{% macro activation_newest(relation, until) -%}
    {{ return(adapter.dispatch("activation_newest")(relation, until)) }}
{%- endmacro %}

{% macro duckdb__activation_newest(relation, until) -%}
    select max(checkpoint_start) from {{ relation }} where checkpoint_start <= date '{{ until }}'
{%- endmacro %}

{#- A partition's name is 2026, 202601 or 20260101; others hold no label. -#}
{% macro bigquery__activation_newest(relation, until) -%}
    select max(label)
    from
        (
            select parse_date('%Y%m%d', rpad(partition_id, 8, '0101')) as label
            from {{ relation.include(identifier=false) ~ ".INFORMATION_SCHEMA.PARTITIONS" }}
            where
                table_name = '{{ relation.identifier }}'
                and total_rows > 0
                and regexp_contains(partition_id, '^[0-9]+$')
        ) as labels
    where label <= date '{{ until }}'
{%- endmacro %}
