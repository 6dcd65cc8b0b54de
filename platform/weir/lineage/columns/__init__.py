"""Which column feeds which, read from the SQL of the models; and what a change of a model's code breaks.

`model_code` is what a model's code is, `trace` reads one model, `graph` joins them, `changes` compares
two versions of one. Nothing is opened or run here.
"""
