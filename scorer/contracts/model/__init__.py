"""The user's model file: YAML ↔ `scorer.domain.model`. Knows words and positions, scores nothing."""
