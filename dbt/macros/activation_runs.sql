{#-
    SQL: one row per (key, active period) from `from` until `until`, with what its past decides, all in
    period indexes. The checkpoint gives the past before it, the facts after it the rest; a row depends
    on facts up to its own period only.

    Args: the mapping of `activation_range`, the fact's relation, the checkpoint relation and the
    choice of `activation_checkpoint`, the bounds [from, until).
    Columns: the key, period_number, event_count, first_number, born_number (the period in which it is
    New), previous_number (NULL at its first activity), streak_number (where the streak began), earlier
    (where the streak before began, NULL if it is the first), longest_streak, and of each dimension its
    value and, as previous_<dimension>, that of the previous active period.
-#}
{% macro activation_runs(spec, facts, checkpoints, checkpoint, from, until) -%}
    {{
        return(
            adapter.dispatch("activation_runs")(
                spec, facts, checkpoints, checkpoint, from, until
            )
        )
    }}
{%- endmacro %}

{% macro duckdb__activation_runs(spec, facts, checkpoints, checkpoint, from, until) %}
    {%- set key = spec.key -%}
    {%- set window = "over (partition by " ~ key ~ " order by period_number)" -%}
    {#- All keys since the checkpoint count if the rows begin there; else those of the range alone. -#}
    {%- set some = from > checkpoint.after -%}
    {%- set kept -%}
        {{ key }},
        period_number,
        event_count,
        first_number,
        born_number,
        previous_number
        {%- for dimension in spec.dimensions %}, {{ dimension }}, previous_{{ dimension }}{% endfor %}
    {%- endset -%}
    with
        {%- if some %} wanted as ({{ activation_wanted(spec, facts, from, until) }}), {% endif %}
        active as ({{ activation_active(spec, facts, checkpoint.after, until, "wanted" if some) }}),
        {%- if checkpoint.start %}
            remembered as ({{ activation_remembered(spec, checkpoints, checkpoint) }}),
        {%- endif %}
        joined as ({{ activation_joined(spec, checkpoint.start) }}),
        streaks as (
            select
                {{ kept }},
                old_streak,
                old_longest,
                coalesce(
                    max(
                        case
                            when previous_number = period_number - 1 then null else period_number
                        end
                    ) {{ window }},
                    old_streak
                ) as streak_number
            from joined
        ),
        longest as (
            select
                {{ kept }},
                streak_number,
                {%- if spec.spans %}
                    coalesce(
                        lag(streak_number) {{ window }},
                        case when old_streak <> streak_number then old_streak end
                    ) as earlier,
                {%- endif %}
                greatest(
                    coalesce(old_longest, 0), max(period_number - streak_number + 1) {{ window }}
                ) as longest_streak
            from streaks
        )
    select *
    from longest
    where period_number >= {{ from }}
{%- endmacro %}

{#- The steps are common SQL; what differs between the engines is in the period macros. -#}
{% macro bigquery__activation_runs(spec, facts, checkpoints, checkpoint, from, until) -%}
    {{ return(duckdb__activation_runs(spec, facts, checkpoints, checkpoint, from, until)) }}
{%- endmacro %}
