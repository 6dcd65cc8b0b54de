{#-
    SQL: the state in an active period, of the columns of `activation_runs`. A key is New in the period
    of its birth: that of its first activity, unless the fact names a column for it.
-#}
{% macro activation_state() -%}
    case
        when period_number = born_number
        then 'New'
        when previous_number = period_number - 1
        then 'Retained'
        else 'Reactivated'
    end
{%- endmacro %}
