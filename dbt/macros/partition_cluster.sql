{#-
    The columns that BigQuery clusters a model by: the key of a fact and of its layer, what the tables
    without keys are read by, and of event logs the time, by which facts look for their days.

    Args: the model's `meta.weir`.
-#}
{% macro partition_cluster(meta) -%}
    {%- set kind = meta.get("kind") -%}
    {%- if kind == "event_log" -%} {{ return(["event_time", "user_id"]) }}
    {%- elif kind == "summary" -%} {{ return(["dim_name", "dim_value"]) }}
    {%- elif kind == "returns" -%} {{ return(["previous_period"]) }}
    {%- elif kind == "fact" -%} {{ return([meta["key"]]) }}
    {%- elif meta.get("fact") -%} {{ return([activation_fact(meta["fact"]).key]) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}
