"""How the columns of an event log change when its event gets a new version. Pure; no lake is opened.

`structures` says what a type is and which type holds another, `versions` folds an event's versions
into columns, `steps` compares them with a table, `ducklake` and `bigquery` write the steps as DDL.
"""
