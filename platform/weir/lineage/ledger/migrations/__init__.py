"""How ledgers of older forms become one of the present form; `versions/` holds one file per step."""
