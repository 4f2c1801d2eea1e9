//! Where a protocol meets a socket: one folder per tool.
