"""params.yaml and the connection: what users set, checked when it is read."""
