{#-
    How BigQuery stores a partitioned model: by day, month or year of one DATE column, clustered by who
    it is about. A table has at most 10,000 partitions: 27 years of days.

    A model that is partitioned by hour is stored by the day beside it, the first of `partitioned_by`.

    Args: the model's config (anything with `get`).
    Returns: a mapping with column, unit (day, month, year), expression (for PARTITION BY) and cluster (a
    list of columns).
-#}
{% macro partition_storage(config) -%}
    {%- set meta = (config.get("meta") or {}).get("weir", {}) -%}
    {%- set column = config.get("partition_column") -%}
    {%- if config.get("partition_type") == "timestamp" -%}
        {%- set column = config.get("partitioned_by")[0] -%}
    {%- endif -%}
    {%- set unit = {"month": "month", "quarter": "month", "year": "year"}.get(
        config.get("clock"), "day"
    ) -%}
    {{
        return(
            {
                "column": column,
                "unit": unit,
                "expression": (
                    column if unit == "day" else "date_trunc(" ~ column ~ ", " ~ unit ~ ")"
                ),
                "cluster": partition_cluster(meta),
            }
        )
    }}
{%- endmacro %}
