{#- SQL: the state in an active period, of the columns of `activation_runs`. -#}
{% macro activation_state() -%}
    case
        when previous_number is null
        then 'New'
        when previous_number = period_number - 1
        then 'Retained'
        else 'Reactivated'
    end
{%- endmacro %}
