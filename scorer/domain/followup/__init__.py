"""Follow-up clocks and the pool: who owes a lead attention until when, and what happens if nobody
gives it. Pure: evidence and instants in, deadlines and outputs out. Knows no clock and no I/O.
"""
