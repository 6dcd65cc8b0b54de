"""The activation layer: what the states mean, in plain Python.

The layer itself is SQL (`dbt/macros/activation*.sql`); what stands here is what it is tested against.
"""
