"""What exists, what it was built from, and what is therefore stale. Knows no Dagster.

`nodes` lists the assets in data order, `ledger` remembers how each partition was built, `inputs`
says what each should be built from now, `stale` compares the two.
"""
