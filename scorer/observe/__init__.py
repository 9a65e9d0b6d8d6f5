"""What an operator sees: metrics, logs and health. Knows the words of the business, no Kafka client."""
