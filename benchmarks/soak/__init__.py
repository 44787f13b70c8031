"""A soak: a server for many minutes under visitors, a room and real faults, held to bars at the end."""
