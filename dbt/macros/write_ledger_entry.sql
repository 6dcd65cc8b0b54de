{# Record rows and content hash of every partition in range, in the commit that holds the data.

   What the partitions were built from and by which run comes from the session variable `weir_run`,
   which Weir's runner sets (platform/weir/engines/embedded/dbt_plugin.py); by hand it is empty.
   `began` is when the model was begun, by the clock of this machine. #}
{% macro write_ledger_entry(relation, column, inside, began) -%}
    {%- set grain = weir.ledger_grain() -%}
    {%- set form = "%Y-%m-%d-%H:%M" if grain == "hour" else "%Y-%m-%d" -%}
    {%- set found = run_query(
        "select strftime("
        ~ column
        ~ ", '"
        ~ form
        ~ "'), count(*), "
        ~ weir.content_hash(
            adapter.get_columns_in_relation(relation) | map(attribute="name") | list
        )
        ~ " from "
        ~ relation
        ~ " where "
        ~ inside
        ~ " group by 1 order by 1"
    ) -%}
    {%- set context = fromjson(
        run_query("select coalesce(getvariable('weir_run')::varchar, '{}')").rows[0][0]
    ) -%}
    {%- set asset = this.schema ~ "/" ~ this.identifier -%}
    {%- set inputs = context.get("inputs", {}).get(asset, {}) -%}
    {%- set partitions = {} -%}
    {%- for key, digest in inputs.items() -%}
        {%- do partitions.update({key: {"rows": 0, "hash": "2:0:0:0", "input": digest}}) -%}
    {%- endfor -%}
    {%- for row in found.rows -%}
        {%- do partitions.update(
            {
                row[0]: {
                    "rows": row[1] | int,
                    "hash": row[2],
                    "input": inputs.get(row[0], ""),
                }
            }
        ) -%}
    {%- endfor -%}
    {%- set entry = {
        "weir": 1,
        "asset": asset,
        "grain": grain,
        "from": weir.range_start(),
        "to": weir.range_end(),
        "partitions": partitions,
        "run": context.get("run", ""),
        "code": context.get("codes", {}).get(asset, model.checksum.checksum[:16]),
        "engine": context.get("engine", ""),
        "seconds": ((modules.datetime.datetime.now() - began).total_seconds())
        | round(3),
    } -%}
    {%- do entry.update(context.get("vectors", {}).get(asset, {})) -%}
    {%- set text = tojson(entry).replace("'", "''") -%}
    {%- do run_query(
        "call "
        ~ relation.database
        ~ ".set_commit_message('weir', '"
        ~ asset
        ~ "', extra_info => '"
        ~ text
        ~ "')"
    ) -%}
    {%- if not found.rows -%}
        {#- A transaction that changes nothing makes no commit: the entry would be lost and the empty
            partition stay missing. Renewing the table's comment is a change. -#}
        {%- set when = run_started_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") -%}
        {%- do run_query(
            "comment on table "
            ~ relation
            ~ " is 'empty from "
            ~ weir.range_start()
            ~ " to "
            ~ weir.range_end()
            ~ ", replaced "
            ~ when
            ~ "'"
        ) -%}
    {%- endif -%}
{%- endmacro %}
