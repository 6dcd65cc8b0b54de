{#-
    SQL of DuckDB, an aggregate: the content hash of a partition, `2:rows:sum:xor` of its rows' hashes;
    2 is the form's version. The same text as `content_hash_sql` in
    platform/weir/engines/embedded/commit.py.

    A row's hash is made of name and value of its columns that are not NULL, in any order: a column that
    is added leaves the hashes of the past, where it is NULL, as they are. Columns named `_weir_*` are
    left out.

    Args: the names of the columns.
-#}
{% macro content_hash(columns) -%}
    {%- set halves = namespace(terms=[]) -%}
    {%- for name in columns if not name.startswith("_weir_") -%}
        {%- set column = '"' ~ name ~ '"' -%}
        {%- do halves.terms.append(
            "case when "
            ~ column
            ~ " is null then 0::ubigint else hash(xor(hash("
            ~ column
            ~ "), hash('"
            ~ name
            ~ "'))) end"
        ) -%}
    {%- endfor -%}
    {#- Pairs of pairs: an engine's depth of expressions is limited, and a table may have thousands. -#}
    {%- for _ in range(20) if halves.terms | length > 1 -%}
        {%- set pairs = [] -%}
        {%- for pair in halves.terms | batch(2) -%}
            {%- do pairs.append(
                "xor(" ~ pair | join(", ") ~ ")" if pair | length > 1 else pair[0]
            ) -%}
        {%- endfor -%}
        {%- set halves.terms = pairs -%}
    {%- endfor -%}
    {%- set row = "hash(" ~ (halves.terms[0] if halves.terms else "0::ubigint") ~ ")" -%}
    concat_ws(
        ':', 2, count(*), coalesce(sum({{ row }}::hugeint), 0), coalesce(bit_xor({{ row }}), 0)
    )
{%- endmacro %}
