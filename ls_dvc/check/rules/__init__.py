"""The rules, a module each: `ld403_edge_blank` is LD403, called edge-blank."""
