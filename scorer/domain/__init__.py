"""The meaning of scores, tiers and time. Standard library only: no I/O, no clock, no logging."""
