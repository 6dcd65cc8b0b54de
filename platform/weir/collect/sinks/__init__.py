"""Where acknowledged events are kept: the spool, or a broker. One Protocol, one conformance suite."""

from weir.collect.sinks.sink import Sink

__all__ = ["Sink"]
