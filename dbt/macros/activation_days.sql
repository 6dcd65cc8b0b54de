{#- SQL: the day indexes from the first to the last `period_start` of a table, as column `number`. -#}
{% macro activation_days(relation) -%}
    {{ return(adapter.dispatch("activation_days")(relation)) }}
{%- endmacro %}

{% macro duckdb__activation_days(relation) -%}
    select unnest(range(bounds.first_number, bounds.last_number + 1)) as number
    from
        (
            select
                min({{ period_index("day", "period_start") }}) as first_number,
                max({{ period_index("day", "period_start") }}) as last_number
            from {{ relation }}
        ) as bounds
{%- endmacro %}

{% macro bigquery__activation_days(relation) -%}
    select number
    from
        (
            select
                min({{ period_index("day", "period_start") }}) as first_number,
                max({{ period_index("day", "period_start") }}) as last_number
            from {{ relation }}
        ) as bounds
    cross join unnest(generate_array(bounds.first_number, bounds.last_number)) as number
{%- endmacro %}
