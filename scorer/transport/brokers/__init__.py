"""Brokers that we start ourselves: one for demos, one for tests. Neither is for production."""
