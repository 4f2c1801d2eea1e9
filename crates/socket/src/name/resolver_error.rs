//! The resolver's own error codes.

use std::{fmt, io};

use crate::error::uncapitalized;
use crate::kind::{constants, debug_by_name};
use crate::sys::resolver;

constants! {
    /// C's `EAI_*`, what `getaddrinfo(3)` and its kin fail with: the number that Python's `gaierror` has as
    /// its `errno`. Prints the system's words, and its C name with `{:?}`.
    ///
    /// What C tells by `h_errno` (Python's `herror`) is told by these codes too: a host that is not found is
    /// [`ResolverError::NONAME`], one without an address of the family [`ResolverError::NODATA`].
    #[doc(alias = "gaierror")]
    #[doc(alias = "herror")]
    ResolverError;
    ADDRFAMILY, "EAI_ADDRFAMILY", -9, "the host has no address of this family.";
    AGAIN, "EAI_AGAIN", libc::EAI_AGAIN, "a name server did not answer, or not now; it may later.";
    BADFLAGS, "EAI_BADFLAGS", libc::EAI_BADFLAGS, "flags that do not exist, or not together.";
    FAIL, "EAI_FAIL", libc::EAI_FAIL, "a name server failed, for good.";
    FAMILY, "EAI_FAMILY", libc::EAI_FAMILY, "a family that has no names.";
    MEMORY, "EAI_MEMORY", libc::EAI_MEMORY, "no memory.";
    NODATA, "EAI_NODATA", libc::EAI_NODATA, "the name exists and has no address.";
    NONAME, "EAI_NONAME", libc::EAI_NONAME, "no such name; or neither host nor service was given.";
    OVERFLOW, "EAI_OVERFLOW", libc::EAI_OVERFLOW, "a name too long for its buffer.";
    SERVICE, "EAI_SERVICE", libc::EAI_SERVICE, "no such service for this kind of socket.";
    SOCKTYPE, "EAI_SOCKTYPE", libc::EAI_SOCKTYPE, "a kind of socket that has no services.";
    SYSTEM, "EAI_SYSTEM", libc::EAI_SYSTEM, "a system call failed and did not say how; where it did, the cause is `Cause::Os`.";
}

debug_by_name!(ResolverError "EAI");

impl ResolverError {
    /// A name that is not there, an argument that makes no sense, or a resolver that cannot tell.
    pub(crate) fn kind(self) -> io::ErrorKind {
        match self {
            Self::NONAME | Self::NODATA | Self::ADDRFAMILY | Self::SERVICE => {
                io::ErrorKind::NotFound
            }
            Self::BADFLAGS | Self::FAMILY | Self::SOCKTYPE => io::ErrorKind::InvalidInput,
            Self::MEMORY => io::ErrorKind::OutOfMemory,
            _ => io::ErrorKind::Other,
        }
    }
}

/// `gai_strerror(3)`, as the end of a sentence.
impl fmt::Display for ResolverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&uncapitalized(&resolver::gai_strerror(self.as_raw())))
    }
}

#[cfg(test)]
mod tests {
    use super::ResolverError;

    #[test]
    fn prints_the_c_name_and_the_system_s_words() {
        assert_eq!(format!("{:?}", ResolverError::NONAME), "EAI_NONAME");
        assert_eq!(format!("{:?}", ResolverError::from_raw(77)), "EAI(77)");
        assert_eq!(
            ResolverError::NONAME.to_string(),
            "name or service not known"
        );
        assert_eq!(ResolverError::from_raw(77).to_string(), "unknown error");
    }
}
