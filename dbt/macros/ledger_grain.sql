{# The grain of this model's partitions: the landing grain of the lake, or the model's clock. #}
{% macro ledger_grain() -%}
    {%- set clock = config.require("clock") -%}
    {%- if clock != "landing" -%} {{ return(clock) }} {%- endif -%}
    {{
        return(
            run_query("select landing_grain from " ~ target.database ~ ".weir.format").rows[0][0]
        )
    }}
{%- endmacro %}
