{#-
    SQL: the rows of the chosen checkpoint in period indexes.

    Args: the mapping of `activation_range`, the checkpoint relation, the choice of
    `activation_checkpoint`, the relation whose keys alone count (none: all): a day needs few of millions.
-#}
{% macro activation_remembered(spec, checkpoints, checkpoint, only=none) -%}
    {%- set week = spec.week_start -%}
    select
        {{ spec.key }},
        {{ period_index(spec.period, "first_period", week) }} as first_number,
        {{ period_index(spec.period, "last_period", week) }} as last_number,
        {{ period_index(spec.period, "streak_start", week) }} as streak_number,
        {{ period_index(spec.period, "birth", week) }} as born_number,
        {%- for dimension in spec.dimensions %} {{ dimension }},{% endfor %}
        longest_streak
    from {{ checkpoints }}
    where
        checkpoint_start = date '{{ checkpoint.start }}'
        {%- if only %} and {{ spec.key }} in (select {{ spec.key }} from {{ only }}) {%- endif %}
{%- endmacro %}
