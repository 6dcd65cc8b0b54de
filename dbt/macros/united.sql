{#-
    The view beside an event log that unites its versions, for facts that read across a change of type:
    `united(ref("purchase_item_shop"))`. The dependency stays on the log. The view exists only where a
    version changed the type of a parameter.
-#}
{% macro united(log) -%}
    {{ return(log.incorporate(path={"identifier": log.identifier ~ "__united"})) }}
{%- endmacro %}
