{#-
    The views beside a table of an activation layer: other systems' states as thresholds on our columns.

    Args: the model's `meta.weir`, its relation.
    Returns: mappings with view (its name), select (its text) and comment (the text's digest).
-#}
{% macro activation_views(meta, relation) -%}
    {%- set found = [] -%}
    {%- if meta.get("kind") in ("activation", "summary", "returns") -%}
        {%- set spec = activation_fact(meta.fact) -%}
        {%- do spec.update(period_unit(meta.grain)) -%}
        {%- set stem = meta.fact ~ "_activation_" ~ meta.grain -%}
        {%- if meta.kind == "activation" -%}
            {%- do found.append(
                {
                    "view": stem ~ "_variants",
                    "select": activation_variants(spec, relation),
                }
            ) -%}
        {%- elif meta.kind == "summary" -%}
            {%- do found.append(
                {"view": stem ~ "_pulse", "select": activation_pulse(spec, relation)}
            ) -%}
        {%- elif meta.grain == "daily" -%}
            {%- do found.append(
                {"view": stem ~ "_duolingo", "select": activation_duolingo(relation)}
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- for view in found -%}
        {%- do view.update({"comment": local_md5(view.select)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
