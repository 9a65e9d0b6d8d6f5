"""Kafka and the local stores: the only package that imports a Kafka client."""
