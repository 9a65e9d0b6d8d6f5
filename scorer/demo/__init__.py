"""`lead-scorer demo`: invented people, a worker and a live view, on a bare machine."""
