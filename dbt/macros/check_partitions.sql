{# One BigQuery job changes at most 4,000 partitions of a table: a longer range is refused before it costs. #}
{% macro check_partitions() -%}
    {%- set date = modules.datetime.date.fromisoformat -%}
    {%- set first, until = date(weir.range_start()[:10]), date(weir.range_end()[:10]) -%}
    {%- set days = {"day": 1, "week": 7, "month": 28, "quarter": 28, "year": 365}.get(
        config.get("clock"), 1
    ) -%}
    {%- if (until - first).days > 4000 * days -%}
        {%- do exceptions.raise_compiler_error(
            "The range ["
            ~ first
            ~ ", "
            ~ until
            ~ ") of `"
            ~ model.name
            ~ "` has more than the 4,000 partitions that one BigQuery job may change. Run it in parts."
        ) -%}
    {%- endif -%}
{%- endmacro %}
