"""Events come in: the HTTP API of the Segment specification, which any of its client libraries can post to."""
