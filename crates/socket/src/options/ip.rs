//! `IPPROTO_IP`: options of IPv4 sockets.
