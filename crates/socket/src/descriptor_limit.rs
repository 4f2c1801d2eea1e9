//! How many descriptors the process may hold, which is how many connections a server can.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// `setrlimit(2)`: raises the soft limit on descriptors (`RLIMIT_NOFILE`, often 1024) to the hard one, and
/// returns the limit that then holds ([`u64::MAX`] for none). Affects the whole process: for programs, not libraries.
///
/// # Errors
/// `EPERM` where the hard limit is above the kernel's `fs.nr_open`; the old limit then stays.
///
/// # Examples
/// ```
/// let limit = landline_socket::descriptor_limit::raise()?;
/// assert!(limit >= 3);
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "RLIMIT_NOFILE")]
pub fn raise() -> io::Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            ..limit
        };
        setrlimit(Resource::Nofile, raised)?;
    }
    Ok(limit.maximum.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use rustix::io::Errno;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::raise;
    use crate::{Family, Kind, Protocol, ServerOptions, Socket, create_server};

    fn out_of_descriptors(error: &crate::Error) -> bool {
        error.errno() == Some(Errno::MFILE.raw_os_error())
    }

    /// One test, and here rather than beside the others on real sockets, because the limit is the whole process's.
    #[test]
    fn accept_says_emfile_and_goes_on_once_the_limit_is_raised() {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0)).into();
        let server = create_server(&any_port, &ServerOptions::default()).unwrap();
        let client = Socket::new(Family::INET, Kind::STREAM, Protocol::DEFAULT).unwrap();
        client.connect(&server.local_address().unwrap()).unwrap();
        #[cfg(feature = "tokio")]
        let (runtime, duplicate) = (
            tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .unwrap(),
            server.duplicate().unwrap(),
        );

        let before = getrlimit(Resource::Nofile);
        // Lower than the lowest free descriptor: what is open stays open, nothing can be opened.
        let lowered = Rlimit {
            current: Some(3),
            ..before
        };
        setrlimit(Resource::Nofile, lowered).unwrap();
        let refused = server.accept().unwrap_err();
        #[cfg(feature = "tokio")]
        let refused_async = runtime.block_on(async {
            let listener = crate::AsyncSocket::from_socket(duplicate).unwrap();
            listener.accept().await.unwrap_err()
        });
        let limit = raise().unwrap();

        assert!(out_of_descriptors(&refused), "{refused}");
        #[cfg(feature = "tokio")]
        assert!(out_of_descriptors(&refused_async), "{refused_async}");
        assert_eq!(Some(limit), before.maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, before.maximum);
        server
            .accept()
            .expect("the connection waited for its descriptor");
    }
}
