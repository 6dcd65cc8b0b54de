{# All models of one invocation share its range, so they must count time by the same clock. #}
{% macro check_clock() -%}
    {%- set mine = config.require("clock") -%}
    {%- for id in selected_resources -%}
        {%- set other = graph.nodes.get(id, {}).get("config", {}).get("clock") -%}
        {%- if other and other != mine -%}
            {%- do exceptions.raise_compiler_error(
                "`"
                ~ model.name
                ~ "` counts by clock_"
                ~ mine
                ~ ", `"
                ~ id.split(".")[-1]
                ~ "` by clock_"
                ~ other
                ~ ": one invocation holds one clock. Run them one after the other"
                " (`weir run` does)."
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
