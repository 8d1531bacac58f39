"""The programme of one city: rules, storage, use cases and the faces people meet."""
