"""The contract with publishers and subscribers: topic cards, JSON Schemas, examples, AsyncAPI."""
