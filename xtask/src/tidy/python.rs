//! Who knows a call by its name in Python finds it in `socket` by that name.

use super::Complaint;
use super::source::code;
use super::tree::Tree;

/// The names of Python's `socket` module that `socket` carries; a new one is added here first.
pub(crate) const NAMES: &[&str] = &[
    "accept",
    "bind",
    "close",
    "CMSG_LEN",
    "CMSG_SPACE",
    "connect",
    "connect_ex",
    "create_connection",
    "create_server",
    "dup",
    "gaierror",
    "getaddrinfo",
    "getblocking",
    "getfqdn",
    "gethostbyaddr",
    "gethostbyname",
    "gethostbyname_ex",
    "gethostname",
    "getnameinfo",
    "getpeername",
    "getprotobyname",
    "getservbyname",
    "getservbyport",
    "getsockname",
    "gettimeout",
    "has_dualstack_ipv6",
    "has_ipv6",
    "herror",
    "htonl",
    "htons",
    "if_indextoname",
    "if_nameindex",
    "if_nametoindex",
    "inet_aton",
    "inet_ntoa",
    "inet_ntop",
    "inet_pton",
    "listen",
    "ntohl",
    "ntohs",
    "recv",
    "recv_fds",
    "recv_into",
    "recvfrom",
    "recvfrom_into",
    "recvmsg",
    "recvmsg_into",
    "SCM_CREDENTIALS",
    "SCM_RIGHTS",
    "send",
    "send_fds",
    "sendall",
    "sendfile",
    "sendmsg",
    "sendmsg_afalg",
    "sendto",
    "setblocking",
    "sethostname",
    "settimeout",
    "shutdown",
    "socketpair",
];

/// Every such name is a function's, or its `#[doc(alias)]`.
pub(crate) fn names_are_found(tree: &Tree) -> Vec<Complaint> {
    let sources: Vec<(&str, String)> = tree
        .rust()
        .filter(|(path, _)| path.starts_with("crates/socket/src/"))
        .map(|(_, text)| (text, code(text)))
        .collect();
    NAMES
        .iter()
        .filter(|name| {
            let alias = format!("doc(alias = \"{name}\")");
            let functions = ["(", "<"].map(|end| format!("pub fn {name}{end}"));
            !sources.iter().any(|(text, code)| {
                text.contains(&alias) || functions.iter().any(|one| code.contains(one))
            })
        })
        .map(|name| {
            let why = format!("Python's {name} is not found: #[doc(alias = \"{name}\")]");
            Complaint::at("crates/socket/src/lib.rs", 0, why)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::NAMES;

    #[test]
    fn a_name_that_is_lost_fires() {
        for name in NAMES {
            let alias = format!("#[doc(alias = \"{name}\")]");
            let tree = sample().edited("crates/socket/src/socket.rs", &alias, "");
            assert_fires(&tree, "python-names", "crates/socket/src/lib.rs", 0);
            let tree = sample().edited(
                "crates/socket/src/socket.rs",
                &alias,
                &format!("pub fn {name}() {{}}"),
            );
            assert_eq!(super::names_are_found(&tree), []);
        }
    }
}
