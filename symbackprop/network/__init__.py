"""The network as operations on named variables: architecture, graph, batches, descent."""
