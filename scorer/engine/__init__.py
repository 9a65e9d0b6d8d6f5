"""Batches in, effects out. Knows the domain and the contracts, knows no Kafka client."""
