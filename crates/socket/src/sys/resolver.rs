//! The C library's resolver: `getaddrinfo` and its kin, each answer copied out of C's memory at once.

use std::ffi::{CStr, c_char, c_int};
use std::io;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::ptr;

use rustix::io::Errno;

use crate::error::Cause;
use crate::name::resolver_error::ResolverError;
use crate::sys::RawAddress;

/// `NI_MAXHOST`, with the NUL at its end.
pub(crate) const HOST_MAX_BYTES: usize = 1025;
/// `NI_MAXSERV`, with the NUL at its end.
pub(crate) const SERVICE_MAX_BYTES: usize = 32;

/// What `getaddrinfo` is asked for, and how.
#[derive(Clone, Copy)]
pub(crate) struct Hints {
    pub(crate) flags: c_int,
    pub(crate) family: c_int,
    pub(crate) kind: c_int,
    pub(crate) protocol: c_int,
}

/// One `addrinfo`.
pub(crate) struct Found {
    pub(crate) family: c_int,
    pub(crate) kind: c_int,
    pub(crate) protocol: c_int,
    pub(crate) canonical_name: Option<Vec<u8>>,
    /// The `sockaddr`.
    pub(crate) address: Vec<u8>,
}

/// `getaddrinfo(3)`.
pub(crate) fn getaddrinfo(
    host: Option<&CStr>,
    service: Option<&CStr>,
    hints: Hints,
) -> Result<Vec<Found>, Cause> {
    let hints = libc::addrinfo {
        ai_flags: hints.flags,
        ai_family: hints.family,
        ai_socktype: hints.kind,
        ai_protocol: hints.protocol,
        ai_addrlen: 0,
        ai_addr: ptr::null_mut(),
        ai_canonname: ptr::null_mut(),
        ai_next: ptr::null_mut(),
    };
    let (host, service) = (pointer(host), pointer(service));
    let mut list = ptr::null_mut();
    // SAFETY: both names are null or C strings that outlive the call; of the hints only the four numbers
    // are set, as POSIX asks, and one that is not known is an answer (`EAI_FAMILY`, `EAI_SOCKTYPE`,
    // `EAI_BADFLAGS`); `list` is ours to be written.
    let code = unsafe { libc::getaddrinfo(host, service, &raw const hints, &raw mut list) };
    if code != 0 {
        return Err(failed(code));
    }
    let mut all = Vec::new();
    let mut next = list;
    // SAFETY: the call succeeded, so `list` is a chain of valid entries that ends with null, not freed before
    // the end of this function.
    while let Some(entry) = unsafe { next.as_ref() } {
        let address = if entry.ai_addr.is_null() {
            Vec::new()
        } else {
            // SAFETY: `ai_addr` points to the `ai_addrlen` bytes of an address; bytes need no alignment.
            unsafe { bytes_at(entry.ai_addr.cast(), entry.ai_addrlen as usize) }
        };
        // SAFETY: `ai_canonname` is null or a C string that belongs to the list.
        let canonical_name = unsafe { text_at(entry.ai_canonname) };
        all.push(Found {
            family: entry.ai_family,
            kind: entry.ai_socktype,
            protocol: entry.ai_protocol,
            canonical_name,
            address,
        });
        next = entry.ai_next;
    }
    // SAFETY: the list came from `getaddrinfo`, is freed once, and nothing points into it any more.
    unsafe { libc::freeaddrinfo(list) };
    Ok(all)
}

/// `getnameinfo(3)`: the host and the service of an address.
pub(crate) fn getnameinfo(address: &RawAddress, flags: c_int) -> Result<(Vec<u8>, Vec<u8>), Cause> {
    let address = address.as_bytes();
    let mut host = [0u8; HOST_MAX_BYTES];
    let mut service = [0u8; SERVICE_MAX_BYTES];
    // SAFETY: a `RawAddress` is aligned as a `sockaddr`, and as long as we say; so are both buffers. A family or a
    // flag that is not known is an answer (`EAI_FAMILY`, `EAI_BADFLAGS`).
    let code = unsafe {
        libc::getnameinfo(
            address.as_ptr().cast(),
            address.len() as libc::socklen_t,
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr().cast(),
            service.len() as libc::socklen_t,
            flags,
        )
    };
    if code != 0 {
        return Err(failed(code));
    }
    Ok((until_nul(&host), until_nul(&service)))
}

/// A line of the services' table.
pub(crate) struct ServiceEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) port: u16,
}

/// `getservbyname_r(3)`, without a protocol the first of any.
pub(crate) fn getservbyname(name: &CStr, protocol: Option<&CStr>) -> Result<ServiceEntry, Cause> {
    let protocol = pointer(protocol);
    // SAFETY: the names are C strings that outlive the call (the protocol may be null); the rest is as `ask` says.
    service(|entry, room, found| unsafe {
        getservbyname_r(name.as_ptr(), protocol, entry, room.0, room.1, found)
    })
}

/// `getservbyport_r(3)`, without a protocol the first of any.
pub(crate) fn getservbyport(port: u16, protocol: Option<&CStr>) -> Result<ServiceEntry, Cause> {
    let port = c_int::from(port.to_be());
    let protocol = pointer(protocol);
    // SAFETY: the protocol is null or a C string that outlives the call; the rest is as `ask` says.
    service(|entry, room, found| unsafe {
        getservbyport_r(port, protocol, entry, room.0, room.1, found)
    })
}

fn service(
    call: impl FnMut(*mut libc::servent, Room, *mut *mut libc::servent) -> c_int,
) -> Result<ServiceEntry, Cause> {
    ask(call, |entry| ServiceEntry {
        // SAFETY: `ask` gives an entry that the call filled in: `s_name` is null or a C string.
        name: unsafe { text_at(entry.s_name) }.unwrap_or_default(),
        // In network order, in the low half.
        port: u16::from_be(entry.s_port as u16),
    })
}

/// A line of the protocols' table.
pub(crate) struct ProtocolEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) number: c_int,
}

/// `getprotobyname_r(3)`.
pub(crate) fn getprotobyname(name: &CStr) -> Result<ProtocolEntry, Cause> {
    // SAFETY: the name is a C string that outlives the call; the rest is as `ask` says.
    protocol(|entry, room, found| unsafe {
        getprotobyname_r(name.as_ptr(), entry, room.0, room.1, found)
    })
}

/// `getprotobynumber_r(3)`.
pub(crate) fn getprotobynumber(number: c_int) -> Result<ProtocolEntry, Cause> {
    // SAFETY: all is as `ask` says.
    protocol(|entry, room, found| unsafe {
        getprotobynumber_r(number, entry, room.0, room.1, found)
    })
}

fn protocol(
    call: impl FnMut(*mut libc::protoent, Room, *mut *mut libc::protoent) -> c_int,
) -> Result<ProtocolEntry, Cause> {
    ask(call, |entry| ProtocolEntry {
        // SAFETY: `ask` gives an entry that the call filled in: `p_name` is null or a C string.
        name: unsafe { text_at(entry.p_name) }.unwrap_or_default(),
        number: entry.p_proto,
    })
}

/// A line of the hosts' table, or what DNS says in its place.
pub(crate) struct HostEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) aliases: Vec<Vec<u8>>,
    /// Each the 4 or 16 bytes of an IP address.
    pub(crate) addresses: Vec<Vec<u8>>,
}

/// `gethostbyname2_r(3)`: IPv6 addresses, or IPv4.
pub(crate) fn gethostbyname(name: &CStr, is_ipv6: bool) -> Result<HostEntry, Cause> {
    let family = if is_ipv6 {
        libc::AF_INET6
    } else {
        libc::AF_INET
    };
    let mut why = 0;
    // SAFETY: the name is a C string that outlives the call, the family one of the two that glibc asserts it to
    // be, `why` is ours; the rest is as `ask` says.
    let answer = host(|entry, room, found| unsafe {
        gethostbyname2_r(
            name.as_ptr(),
            family,
            entry,
            room.0,
            room.1,
            found,
            &raw mut why,
        )
    });
    answer.map_err(|cause| host_cause(why, cause))
}

/// `gethostbyaddr_r(3)`.
pub(crate) fn gethostbyaddr(address: IpAddr) -> Result<HostEntry, Cause> {
    let (family, octets) = match address {
        IpAddr::V4(ip) => (libc::AF_INET, ip.octets().to_vec()),
        IpAddr::V6(ip) => (libc::AF_INET6, ip.octets().to_vec()),
    };
    let mut why = 0;
    let length = octets.len() as libc::socklen_t;
    // SAFETY: the address is as long as we say and as its family's are, `why` is ours; the rest is as `ask` says.
    let answer = host(|entry, room, found| unsafe {
        let start = octets.as_ptr().cast();
        gethostbyaddr_r(
            start,
            length,
            family,
            entry,
            room.0,
            room.1,
            found,
            &raw mut why,
        )
    });
    answer.map_err(|cause| host_cause(why, cause))
}

fn host(
    call: impl FnMut(*mut libc::hostent, Room, *mut *mut libc::hostent) -> c_int,
) -> Result<HostEntry, Cause> {
    ask(call, |entry| {
        let length = usize::try_from(entry.h_length).unwrap_or(0);
        HostEntry {
            // SAFETY: `ask` gives an entry that the call filled in: `h_name` is null or a C string.
            name: unsafe { text_at(entry.h_name) }.unwrap_or_default(),
            // SAFETY: as above; `h_aliases` is null or a list of C strings that ends with null.
            aliases: unsafe { list_at(entry.h_aliases, |text| text_at(text).unwrap_or_default()) },
            // SAFETY: as above; `h_addr_list` is null or a list, ending with null, of `h_length` bytes each.
            addresses: unsafe { list_at(entry.h_addr_list, |address| bytes_at(address, length)) },
        }
    })
}

/// `h_errno` told as `getaddrinfo` would tell it: one set of codes for all of the resolver.
fn host_cause(why: c_int, cause: Cause) -> Cause {
    const HOST_NOT_FOUND: c_int = 1;
    const TRY_AGAIN: c_int = 2;
    const NO_RECOVERY: c_int = 3;
    const NO_DATA: c_int = 4;
    match why {
        HOST_NOT_FOUND => Cause::Resolver(ResolverError::NONAME),
        TRY_AGAIN => Cause::Resolver(ResolverError::AGAIN),
        NO_RECOVERY => Cause::Resolver(ResolverError::FAIL),
        NO_DATA => Cause::Resolver(ResolverError::NODATA),
        _ => cause,
    }
}

/// A number and its name, `if_nameindex(3)`.
pub(crate) fn if_nameindex() -> Result<Vec<(u32, Vec<u8>)>, Cause> {
    // SAFETY: no precondition.
    let list = unsafe { libc::if_nameindex() };
    if list.is_null() {
        return Err(Cause::from_io(io::Error::last_os_error()));
    }
    let mut all = Vec::new();
    let mut next = list;
    loop {
        // SAFETY: the array ends with an entry of zero and null, at which we stop.
        let entry = unsafe { &*next };
        // SAFETY: the name is null or a C string that belongs to the array.
        let Some(name) = (unsafe { text_at(entry.if_name) }) else {
            break;
        };
        all.push((entry.if_index, name));
        // SAFETY: this entry was not the last.
        next = unsafe { next.add(1) };
    }
    // SAFETY: the array came from `if_nameindex`, is freed once, and nothing points into it any more.
    unsafe { libc::if_freenameindex(list) };
    Ok(all)
}

/// `if_nametoindex(3)`.
pub(crate) fn if_nametoindex(name: &CStr) -> Result<u32, Cause> {
    // SAFETY: the name is a C string that outlives the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(Cause::from_io(io::Error::last_os_error())),
        index => Ok(index),
    }
}

/// `if_indextoname(3)`.
pub(crate) fn if_indextoname(index: u32) -> Result<Vec<u8>, Cause> {
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the `IF_NAMESIZE` bytes that the call may write.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) }.is_null() {
        return Err(Cause::from_io(io::Error::last_os_error()));
    }
    Ok(until_nul(&name))
}

/// `gai_strerror(3)`.
pub(crate) fn gai_strerror(code: c_int) -> String {
    // SAFETY: for any number the result is null or a C string that is never freed.
    let words = unsafe { text_at(libc::gai_strerror(code)) };
    String::from_utf8_lossy(&words.unwrap_or_default()).into_owned()
}

/// Where a reentrant call may write what its answer points to: the start, and how many bytes.
type Room = (*mut c_char, usize);

/// The way of every `…_r` call: given an entry to fill in, room for what that points to, and where to say
/// whether there is an answer; again with more room for as long as it says `ERANGE`.
///
/// The entry handed to `copy` is one that `call` filled in, and what it points to is there until `copy` returns.
fn ask<E, T>(
    mut call: impl FnMut(*mut E, Room, *mut *mut E) -> c_int,
    copy: impl FnOnce(&E) -> T,
) -> Result<T, Cause> {
    const ROOM_MAX_BYTES: usize = 1 << 20;
    let mut room = vec![0u8; 1 << 10];
    loop {
        let mut entry = MaybeUninit::uninit();
        let mut found = ptr::null_mut();
        let writable = (room.as_mut_ptr().cast(), room.len());
        match call(entry.as_mut_ptr(), writable, &raw mut found) {
            libc::ERANGE if room.len() < ROOM_MAX_BYTES => room = vec![0; room.len() * 2],
            // ENOENT is how some tables say it; POSIX says it with success and no answer.
            0 | libc::ENOENT if found.is_null() => {
                return Err(Cause::Resolver(ResolverError::NONAME));
            }
            // SAFETY: success with an answer means that the answer is `entry`, filled in.
            0 => return Ok(copy(unsafe { entry.assume_init_ref() })),
            errno => return Err(Errno::from_raw_os_error(errno).into()),
        }
    }
}

/// From what `getaddrinfo` or `getnameinfo` returned.
fn failed(code: c_int) -> Cause {
    match (code, io::Error::last_os_error().raw_os_error()) {
        (libc::EAI_SYSTEM, Some(errno)) if errno != 0 => Cause::Os(errno),
        _ => Cause::Resolver(ResolverError::from_raw(code)),
    }
}

fn pointer(text: Option<&CStr>) -> *const c_char {
    text.map_or(ptr::null(), CStr::as_ptr)
}

fn until_nul(buffer: &[u8]) -> Vec<u8> {
    buffer
        .split(|&byte| byte == 0)
        .next()
        .unwrap_or_default()
        .to_vec()
}

/// A C string, if there is one.
///
/// # Safety
/// `text` is null, or a C string.
unsafe fn text_at(text: *const c_char) -> Option<Vec<u8>> {
    // SAFETY: not null, so a C string.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes().to_vec())
}

/// # Safety
/// There are `length` initialised bytes at `start`.
unsafe fn bytes_at(start: *const c_char, length: usize) -> Vec<u8> {
    // SAFETY: as promised, and a byte has no alignment.
    unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) }.to_vec()
}

/// # Safety
/// `list` is null, or an array of pointers that ends with null, each of them good for `copy`.
unsafe fn list_at(
    list: *const *mut c_char,
    copy: impl Fn(*const c_char) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    if list.is_null() {
        return all;
    }
    for index in 0.. {
        // SAFETY: no entry before this one was the null that ends the array.
        let entry = unsafe { *list.add(index) };
        if entry.is_null() {
            break;
        }
        all.push(copy(entry));
    }
    all
}

// The reentrant calls, which are in the C library but not in the `libc` crate: glibc's signatures.
unsafe extern "C" {
    fn getservbyname_r(
        name: *const c_char,
        protocol: *const c_char,
        entry: *mut libc::servent,
        room: *mut c_char,
        room_length: usize,
        found: *mut *mut libc::servent,
    ) -> c_int;
    fn getservbyport_r(
        port: c_int,
        protocol: *const c_char,
        entry: *mut libc::servent,
        room: *mut c_char,
        room_length: usize,
        found: *mut *mut libc::servent,
    ) -> c_int;
    fn getprotobyname_r(
        name: *const c_char,
        entry: *mut libc::protoent,
        room: *mut c_char,
        room_length: usize,
        found: *mut *mut libc::protoent,
    ) -> c_int;
    fn getprotobynumber_r(
        number: c_int,
        entry: *mut libc::protoent,
        room: *mut c_char,
        room_length: usize,
        found: *mut *mut libc::protoent,
    ) -> c_int;
    fn gethostbyname2_r(
        name: *const c_char,
        family: c_int,
        entry: *mut libc::hostent,
        room: *mut c_char,
        room_length: usize,
        found: *mut *mut libc::hostent,
        why: *mut c_int,
    ) -> c_int;
    fn gethostbyaddr_r(
        address: *const libc::c_void,
        length: libc::socklen_t,
        family: c_int,
        entry: *mut libc::hostent,
        room: *mut c_char,
        room_length: usize,
        found: *mut *mut libc::hostent,
        why: *mut c_int,
    ) -> c_int;
}
