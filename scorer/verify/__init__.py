"""The referee: topics in, a verdict out. Recomputes everything with the fold; knows no Kafka client."""
