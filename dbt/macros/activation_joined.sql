{#-
    SQL: the active periods, each with its predecessor: the active period before it, or what the
    checkpoint remembers.

    Windows carry what is named here from sort to sort: only what is needed is.

    Args: the mapping of `activation_range`, the start of the chosen checkpoint (none without one).
-#}
{% macro activation_joined(spec, checkpoint) -%}
    {%- set key = "active." ~ spec.key -%}
    {%- set window = "over (partition by " ~ key ~ " order by active.period_number)" -%}
    {%- set first = "min(active.period_number) over (partition by " ~ key ~ ")" -%}
    {%- set born = "first_value(active.born_number) " ~ window if spec.born else first -%}
    select
        {{ key }},
        active.period_number,
        active.event_count,
        {%- for dimension in spec.dimensions %}
            active.{{ dimension }},
            {% if checkpoint -%}
                case
                    when lag(active.period_number) {{ window }} is null
                    then remembered.{{ dimension }}
                    else lag(active.{{ dimension }}) {{ window }}
                end
            {%- else -%} lag(active.{{ dimension }}) {{ window }}
            {%- endif %} as previous_{{ dimension }},
        {%- endfor %}
        {%- if spec.followed %} lead(active.period_number) {{ window }} as next_number, {% endif %}
        {%- if checkpoint %}
            remembered.streak_number as old_streak,
            remembered.longest_streak as old_longest,
            coalesce(remembered.first_number, {{ first }}) as first_number,
            coalesce(remembered.born_number, {{ born }}) as born_number,
            coalesce(
                lag(active.period_number) {{ window }}, remembered.last_number
            ) as previous_number
        {%- else %}
            {{ first }} as first_number,
            {% if spec.born %} {{ born }} as born_number,
            {% endif %}
            lag(active.period_number) {{ window }} as previous_number
        {%- endif %}
    from active
    {%- if checkpoint %} left join remembered on {{ key }} = remembered.{{ spec.key }} {%- endif %}
{%- endmacro %}
