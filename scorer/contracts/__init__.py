"""Bytes ↔ domain: events, outputs, dead letters, states, the model file. Knows no Kafka client."""
