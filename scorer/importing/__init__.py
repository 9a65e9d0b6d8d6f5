"""Leads from a CSV file: reading it, mapping it, suggesting a mapping. Knows no Kafka and no terminal."""
