{#-
    Rows whose columns hold what they must not, per partition: NULL, or a value outside a list. One scan
    for all columns of a table; `part_not_null` and `part_accepted_values` ask of one.

    Args: the columns that are never NULL, and mapping of column to allowed values (NULL is allowed).
-#}
{% test part_columns(model, not_null, values={}) %}
    select partition_key, count(*) as failures, min(what) as detail
    from
        (
            select
                {{ part_key() }} as partition_key,
                case
                    {%- for name in not_null %}
                        when {{ name }} is null then '{{ name }} is NULL'
                    {%- endfor %}
                    {%- for name, allowed in values.items() %}
                        when {{ name }} not in ('{{ allowed | join("', '") }}')
                        then concat('{{ name }} is ', {{ name }})
                    {%- endfor %}
                end as what
            from {{ model }}
        ) as judged
    where what is not null
    group by 1
{% endtest %}
