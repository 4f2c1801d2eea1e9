//! I/O without protocols: sockets with the semantics of Python's `socket` module.
