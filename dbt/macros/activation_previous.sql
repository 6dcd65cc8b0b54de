{#-
    SQL: the state in the period before an active one, of the columns of `activation_runs`.

    A key that was active just before was New there if it was born in that period, Reactivated if its
    present streak began there, and Retained otherwise; one that was not was Inactive; a key that was
    never active before was nothing (NULL).
-#}
{% macro activation_previous() -%}
    case
        when previous_number is null
        then null
        when previous_number < period_number - 1
        then 'Inactive'
        when previous_number = born_number
        then 'New'
        when previous_number = streak_number
        then 'Reactivated'
        else 'Retained'
    end
{%- endmacro %}
