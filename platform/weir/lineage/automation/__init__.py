"""What the sensors ask for and when: retries, windows, budgets, and whether assets are fresh.

Everything decides from plain data and a clock that is given; `memory` keeps what failed in a file.
"""
