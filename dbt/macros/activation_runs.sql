{#-
    SQL: one row per (key, active period) from `from` until `until`, with what its past decides, all in
    period indexes. The checkpoint gives the past before it, the facts after it the rest; a row depends
    on facts up to its own period only.

    Args: the mapping of `activation_range`, the fact's relation, the checkpoint relation and the
    choice of `activation_checkpoint`, the bounds [from, until).
    Columns: the key, period_number, event_count, first_number, born_number (the period in which it is
    New), previous_number (NULL at its first activity), streak_number (where the streak began), earlier
    (with `spec.spans`: where the streak before began, NULL if it is the first), next_number (with
    `spec.followed`: the next active period, NULL at the last), longest_streak, and of each dimension its
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
    {%- set order = "partition by " ~ key ~ " order by period_number" -%}
    {%- set window = "over (" ~ order ~ ")" -%}
    {%- set so_far = "over (" ~ order ~ " rows between unbounded preceding and current row)" -%}
    {#- All keys since the checkpoint count if the rows begin there; else those of the range alone. -#}
    {%- set some = "wanted" if from > checkpoint.after else none -%}
    {#- Without a checkpoint, a key is born when it is first seen. -#}
    {%- set born = "born_number" if checkpoint.start or spec.born else "first_number" -%}
    {%- set kept -%}
        {{ key }},
        period_number,
        event_count,
        first_number,
        {% if born == "born_number" %} born_number, {% endif %}
        previous_number
        {%- if spec.followed %}, next_number{% endif %}
        {%- for dimension in spec.dimensions %}, {{ dimension }}, previous_{{ dimension }}{% endfor %}
    {%- endset -%}
    with
        {%- if some %} wanted as ({{ activation_wanted(spec, facts, from, until) }}), {% endif %}
        active as ({{ activation_active(spec, facts, checkpoint.after, until, some) }}),
        {%- if checkpoint.start %}
            remembered as ({{ activation_remembered(spec, checkpoints, checkpoint, some) }}),
        {%- endif %}
        joined as ({{ activation_joined(spec, checkpoint.start) }}),
        streaks as (
            select
                {{ kept }},
                {% if checkpoint.start %} old_streak, old_longest, {% endif %}
                {% if checkpoint.start %}
                    coalesce(last_value(began ignore nulls) {{ so_far }}, old_streak)
                {% else %} last_value(began ignore nulls) {{ so_far }}
                {% endif %} as streak_number
            from
                (
                    select
                        joined.*,
                        case
                            when previous_number = period_number - 1 then null else period_number
                        end as began
                    from joined
                ) as marked
        ),
        longest as (
            select
                {{ kept }},
                {% if born == "first_number" %} first_number as born_number, {% endif %}
                streak_number,
                {%- if spec.spans %}
                    {% if checkpoint.start -%}
                        coalesce(
                            lag(streak_number) {{ window }},
                            case when old_streak <> streak_number then old_streak end
                        )
                    {%- else -%} lag(streak_number) {{ window }}
                    {%- endif %} as earlier,
                {%- endif %}
                {% if checkpoint.start -%}
                    greatest(
                        coalesce(old_longest, 0),
                        max(period_number - streak_number + 1) {{ so_far }}
                    )
                {%- else -%} max(period_number - streak_number + 1) {{ so_far }}
                {%- endif %} as longest_streak
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
