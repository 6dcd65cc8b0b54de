{#-
    Hold a model to its one possible name; fails at parse. The name carries fact and grain to Dagster,
    to the ledger and to every dashboard, so it is a contract and not a habit. (A unit test runs the
    model under a name of its own.)
-#}
{% macro activation_name(fact, grain, kind="activation", suffix="") -%}
    {%- do period_unit(grain) -%}
    {%- set name = fact ~ "_" ~ kind ~ "_" ~ grain ~ suffix -%}
    {%- if model.name != name and model.resource_type != "unit_test" -%}
        {{
            exceptions.raise_compiler_error(
                "The model `"
                ~ model.name
                ~ "` calls "
                ~ (kind if kind == "firstlast" else "activation" ~ suffix)
                ~ "(fact='"
                ~ fact
                ~ "', grain='"
                ~ grain
                ~ "'), so it must be named `"
                ~ name
                ~ "`. Rename the file to `"
                ~ name
                ~ ".sql`."
            )
        }}
    {%- endif -%}
{%- endmacro %}
