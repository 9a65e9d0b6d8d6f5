"""The command line: one module a command. Knows everything by name, computes nothing itself."""
