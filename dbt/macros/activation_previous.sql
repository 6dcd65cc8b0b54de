{#-
    SQL: the state in the period before an active one, of the columns of `activation_runs`.

    A key that was active just before was New there if that was its first period, Reactivated if its
    present streak began there, and Retained otherwise; one that was not was Inactive; a New key was
    nothing (NULL).
-#}
{% macro activation_previous() -%}
    case
        when previous_number is null
        then null
        when previous_number < period_number - 1
        then 'Inactive'
        when previous_number = first_number
        then 'New'
        when previous_number = streak_number
        then 'Reactivated'
        else 'Retained'
    end
{%- endmacro %}
