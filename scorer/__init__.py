"""Lead scorer: the domain, its contracts, the engine and the transport beneath the topologies."""

__version__ = "0.1.0"
