{#-
    SQL: the active periods of the `wanted` keys, each with its predecessor: the active period before it,
    or what the checkpoint remembers.
-#}
{% macro activation_joined(spec) -%}
    {%- set key = "active." ~ spec.key -%}
    {%- set window = "over (partition by " ~ key ~ " order by active.period_number)" -%}
    {%- set first = "min(active.period_number) over (partition by " ~ key ~ ")" -%}
    select
        {{ key }},
        active.period_number,
        active.event_count,
        {%- for dimension in spec.dimensions %}
            active.{{ dimension }},
            case
                when lag(active.period_number) {{ window }} is null
                then remembered.{{ dimension }}
                else lag(active.{{ dimension }}) {{ window }}
            end as previous_{{ dimension }},
        {%- endfor %}
        remembered.streak_number as old_streak,
        remembered.longest_streak as old_longest,
        coalesce(remembered.first_number, {{ first }}) as first_number,
        coalesce(
            remembered.born_number,
            {% if spec.born -%} first_value(active.born_number) {{ window }}
            {%- else -%} {{ first }}
            {%- endif %}
        ) as born_number,
        coalesce(lag(active.period_number) {{ window }}, remembered.last_number) as previous_number
    from active
    inner join wanted on {{ key }} = wanted.{{ spec.key }}
    left join remembered on {{ key }} = remembered.{{ spec.key }}
{%- endmacro %}
