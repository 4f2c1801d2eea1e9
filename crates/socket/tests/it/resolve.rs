//! Hosts to addresses: as CPython resolves them, and not a moment beyond the deadline.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use landline_socket::{
    Address, Cause, ConnectOptions, Error, Family, Host, Kind, NameFlags, Protocol, ResolveFlags,
    ResolveOptions, Resolved, ResolverError, Service, Socket, Timeout, create_connection,
    full_host_name, name_of, resolve, resolve_with,
};
use rustix::io::Errno;

use crate::{alone, python};

const LONG: Duration = Duration::from_secs(20);

/// The same words for the same outcome, whoever had it: Python's half is in `getaddrinfo.py` below.
fn told(outcome: Result<Vec<Resolved>, Error>) -> String {
    let found = match outcome {
        Ok(found) => found,
        Err(error) => return told_error(&error),
    };
    let one = |one: &Resolved| {
        let address = match &one.address {
            Address::Inet(address) => format!("{} {}", address.ip(), address.port()),
            Address::Inet6(address) => {
                let (ip, port) = (address.ip(), address.port());
                format!("{ip} {port} {} {}", address.flowinfo(), address.scope_id())
            }
            other => format!("{other:?}"),
        };
        let (family, kind) = (one.family.as_raw(), one.kind.as_raw());
        let name = one.canonical_name.as_deref().unwrap_or_default();
        format!(
            "{family} {kind} {} {name:?} {address}",
            one.protocol.as_raw()
        )
    };
    found.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn told_error(error: &Error) -> String {
    match error.cause() {
        Cause::Resolver(code) => format!("gaierror {}", code.as_raw()),
        Cause::Os(errno) => format!("OSError {errno}"),
        cause => format!("{cause:?}"),
    }
}

const TELL: &str = r#"
import socket
def tell(ask):
    try:
        found = ask()
    except socket.gaierror as error:
        return f"gaierror {error.errno}"
    except OSError as error:
        return f"OSError {error.errno}"
    def one(family, kind, proto, name, address):
        ip, *rest = address
        # The scope, which Python 3.11 prints by number behind the address as well.
        address = " ".join(map(str, [ip.split("%")[0], *rest]))
        name = '"' + name + '"'
        return f"{int(family)} {int(kind)} {proto} {name} {address}"
    return "; ".join(one(*each) for each in found)
"#;

/// Hosts about which nobody is asked: a table's and digits in every form.
const KNOWN: &[Option<&str>] = &[
    None,
    Some("localhost"),
    Some("127.0.0.1"),
    Some("127.1"),
    Some("0x7f.1"),
    Some("0177.0.0.01"),
    Some("2130706433"),
    Some("0"),
    Some("::1"),
    Some("::"),
    Some("::ffff:1.2.3.4"),
    Some("fe80::1%lo"),
    Some("fe80::1%1"),
    Some("::1%lo"),
];

/// A name that the C library itself refuses: no name server is asked, here or anywhere in the tests.
const NOWHERE: &str = "-nowhere.invalid";

/// Hosts that are none, which is seen without asking anybody.
const UNKNOWN: &[Option<&str>] = &[
    Some(""),
    Some("a..b"),
    Some(NOWHERE),
    Some("b\u{fc}cher.invalid"),
    Some("a b.invalid"),
    Some("1.2.3.4 "),
    Some(" 1.2.3.4"),
    Some("fe80::1%nosuchif"),
    Some("fe80::1%"),
    Some("[::1]"),
    Some("127.0.0.1:80"),
];

/// Digits that are no address, and might be a name: asked for as addresses alone.
const NO_DIGITS: &[Option<&str>] = &[
    Some("."),
    Some("4294967296"),
    Some("1.2.3.256"),
    Some("1.2.3.4.5"),
];

const SERVICES: &[Option<&str>] = &[
    None,
    Some("80"),
    Some("0"),
    Some("65535"),
    Some("http"),
    Some("domain"),
    Some("no-such-service"),
    Some(""),
];

/// As Python writes it.
fn quoted(text: &Option<&str>) -> String {
    match text {
        None => "None".to_owned(),
        // Bytes, because Python would put text through its IDNA first.
        Some(text) => {
            let bytes: Vec<_> = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("b'{}'", bytes.concat())
        }
    }
}

#[test]
fn getaddrinfo_answers_as_cpython_does() {
    let hints = [
        (0, 0, 0, ResolveFlags::NONE),
        (0, 1, 0, ResolveFlags::NONE),
        (2, 2, 0, ResolveFlags::PASSIVE),
        (10, 1, 6, ResolveFlags::PASSIVE),
        (0, 1, 0, ResolveFlags::CANONNAME),
        (0, 1, 0, ResolveFlags::NUMERICHOST),
        (0, 1, 0, ResolveFlags::NUMERICSERV),
        (10, 1, 0, ResolveFlags::V4MAPPED | ResolveFlags::ALL),
        (0, 1, 0, ResolveFlags::ADDRCONFIG),
        (0, 3, 1, ResolveFlags::NONE),
        (0, 77, 0, ResolveFlags::NONE),
        (0, 1, 17, ResolveFlags::NONE),
        (77, 1, 0, ResolveFlags::NONE),
        (0, 1, 0, ResolveFlags::from_raw(1 << 20)),
    ];
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    let questions = [
        (KNOWN, SERVICES, &hints[..]),
        (UNKNOWN, &SERVICES[..1], &hints[1..2]),
        (NO_DIGITS, &SERVICES[..1], &hints[5..6]),
    ];
    for (hosts, services, hints) in questions {
        for (host, service) in hosts
            .iter()
            .flat_map(|host| services.iter().map(move |service| (host, service)))
        {
            for &(family, kind, protocol, flags) in hints {
                let (host_said, service_said) = (quoted(host), quoted(service));
                script += &format!(
                    "print(tell(lambda: socket.getaddrinfo({host_said}, {service_said}, {family}, {kind}, {protocol}, {})))\n",
                    flags.as_raw()
                );
                let mut options = ResolveOptions {
                    family: Family::from_raw(family),
                    kind: Kind::from_raw(kind),
                    protocol: Protocol::from_raw(protocol),
                    flags,
                    timeout: Timeout::Never,
                };
                let service = service.map_or(Service::Any, Service::Name);
                let question = format!("{host:?} {service:?} {options:?}");
                let here = told(resolve_with(*host, service, &options));
                // The same with a deadline, by a thread of its own.
                options.timeout = LONG.into();
                let aside = told(resolve_with(*host, service, &options));
                assert_eq!(here, aside, "{question}");
                ours.push((question, here));
            }
        }
    }
    let theirs = python::lines_of(&script);
    assert_eq!(theirs.len(), ours.len());
    for ((question, ours), theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs, "{question}");
    }
}

#[test]
fn getnameinfo_answers_as_cpython_does() {
    let addresses = [
        "127.0.0.1:80",
        "127.0.0.1:0",
        "127.0.0.1:514",
        "192.0.2.1:65535",
        "[::1]:80",
        "[::]:53",
        "[fe80::1%1]:22",
        "[::ffff:127.0.0.1]:443",
    ];
    let names = [
        NameFlags::NONE,
        NameFlags::DGRAM,
        NameFlags::NUMERICHOST,
        NameFlags::NUMERICSERV,
        NameFlags::NUMERICHOST | NameFlags::NUMERICSERV,
        NameFlags::NOFQDN,
        NameFlags::NAMEREQD,
        NameFlags::NUMERICHOST | NameFlags::NAMEREQD,
        NameFlags::from_raw(1 << 20),
    ];
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    for address in addresses {
        let address: SocketAddr = address.parse().unwrap();
        let tuple = match address {
            SocketAddr::V4(address) => format!("('{}', {})", address.ip(), address.port()),
            SocketAddr::V6(address) => {
                let (ip, port, scope) = (address.ip(), address.port(), address.scope_id());
                format!("('{ip}', {port}, 0, {scope})")
            }
        };
        // A name server would be asked for the name of any other.
        let is_in_the_table =
            ["127.0.0.1", "::1", "::"].contains(&address.ip().to_string().as_str());
        for flags in names {
            if !is_in_the_table && !flags.contains(NameFlags::NUMERICHOST) {
                continue;
            }
            // Any other would go out to a name server, which may take its time here.
            let is_in_the_table = address.ip() == Ipv4Addr::LOCALHOST;
            if !is_in_the_table && !flags.contains(NameFlags::NUMERICHOST) {
                continue;
            }
            script += &format!(
                "try: print(*socket.getnameinfo({tuple}, {}))\nexcept socket.gaierror as e: print('gaierror', e.errno)\n",
                flags.as_raw()
            );
            for timeout in [Timeout::Never, LONG.into()] {
                let told = match name_of(&address.into(), flags, timeout) {
                    Ok((host, service)) => format!("{host} {service}"),
                    Err(error) => told_error(&error),
                };
                ours.push((format!("{address} {flags:?} {timeout:?}"), told));
            }
        }
    }
    let theirs = python::lines_of(&script);
    assert_eq!(theirs.len() * 2, ours.len());
    for (at, (question, ours)) in ours.iter().enumerate() {
        assert_eq!(ours, &theirs[at / 2], "{question}");
    }
}

#[test]
fn hosts_are_as_cpython_has_them() {
    let names = ["localhost", "127.0.0.1", "127.1", NOWHERE];
    // Without a network nobody can say that a name is not there: EAI_AGAIN, TRY_AGAIN.
    let mut script = "import socket
def kind(e): return 'Other' if e.errno in (socket.EAI_AGAIN, 2) else 'NotFound'
"
    .to_owned();
    let mut ours = Vec::new();
    let told = |outcome: Result<Host, Error>| match outcome {
        Ok(host) => format!("{} {:?} {:?}", host.name, host.aliases, host.addresses),
        Err(error) => format!("{:?}", error.kind()),
    };
    let tell = "print(h, str(a).replace(\"'\", '\"'), '[' + ', '.join(i) + ']')";
    for name in names {
        script += &format!(
            "try: h, a, i = socket.gethostbyname_ex('{name}'); {tell}\nexcept OSError as e: print(kind(e))\n"
        );
        ours.push(told(Host::by_name(name, Family::INET, LONG)));
    }
    for ip in ["127.0.0.1", "::1"] {
        script += &format!(
            "try: h, a, i = socket.gethostbyaddr('{ip}'); {tell}\nexcept OSError as e: print(kind(e))\n"
        );
        ours.push(told(Host::by_address(ip.parse().unwrap(), LONG)));
    }
    for name in ["", "localhost", "127.0.0.1", "0.0.0.0", "::", NOWHERE] {
        script += &format!("print(socket.getfqdn('{name}'))\n");
        ours.push(full_host_name(name, LONG).unwrap());
    }
    assert_eq!(ours, python::lines_of(&script));
    assert_eq!(
        told_error(&Host::by_name(NOWHERE, Family::INET, Timeout::Never).unwrap_err())
            .split(' ')
            .next(),
        Some("gaierror")
    );
}

/// glibc asks its tables about any other family only after it asserted that there is none: the process would be gone.
#[test]
fn a_host_by_name_has_addresses_of_ip_alone() {
    let strange = [-1, 0, 1, 3, 16, 17, 38, 99, i32::MIN, i32::MAX];
    for family in strange.map(Family::from_raw) {
        for name in ["localhost", "127.0.0.1", "::1", "", "."] {
            for timeout in [Timeout::Never, Timeout::Zero, LONG.into()] {
                let error = Host::by_name(name, family, timeout).unwrap_err();
                let why = "the family is neither AF_INET nor AF_INET6";
                assert_eq!(error.cause(), &Cause::Invalid(why), "{family:?} {name:?}");
            }
        }
        // The other calls that take a family, or have one, say themselves that it is not theirs.
        let options = ResolveOptions {
            family,
            ..ResolveOptions::default()
        };
        match resolve_with(Some("localhost"), 80, &options) {
            Ok(found) => assert!(family == Family::UNSPEC && !found.is_empty(), "{family:?}"),
            Err(error) => assert_eq!(error.cause(), &Cause::Resolver(ResolverError::FAMILY)),
        }
    }
    for family in [Family::INET, Family::INET6] {
        for name in ["localhost", "127.0.0.1", "::1"] {
            let host = Host::by_name(name, family, LONG);
            let all = host.map(|host| host.addresses).unwrap_or_default();
            let fit = all
                .iter()
                .all(|ip| ip.is_ipv6() == (family == Family::INET6));
            assert!(fit, "{family:?} {name:?} {all:?}");
        }
    }
}

#[test]
fn bad_arguments_say_which_and_why() {
    let long = "x".repeat(10_000);
    let cases: [(Option<&str>, Service<'_>, &str); 7] = [
        (Some("a\0b"), Service::Any, "the host contains a NUL byte"),
        (Some(&long), Service::Any, "more than 1024 bytes"),
        (
            Some("localhost"),
            Service::Name("a\0b"),
            "the service contains a NUL byte",
        ),
        (Some("localhost"), Service::Name("65536"), "0 to 65535"),
        (Some("localhost"), Service::Name(" 80"), "0 to 65535"),
        (Some("localhost"), Service::Name("-1"), "0 to 65535"),
        (None, Service::Name("99999999999999999999"), "0 to 65535"),
    ];
    for (host, service, why) in cases {
        for timeout in [Timeout::Never, Timeout::Zero, LONG.into()] {
            let options = ResolveOptions {
                timeout,
                ..ResolveOptions::default()
            };
            let error = resolve_with(host, service, &options).unwrap_err();
            assert!(matches!(error.cause(), Cause::Invalid(_)), "{error:?}");
            let said = error.to_string();
            assert!(said.contains(why) && said.len() < 600, "{said}");
        }
    }
    let error = resolve("b\u{fc}cher.invalid", 80).unwrap_err();
    assert!(error.hint().unwrap().contains("xn--"), "{error}");
    // As long as a name may be, and no name: the resolver's to say.
    let error = resolve(&"x".repeat(1024), 80).unwrap_err();
    assert!(matches!(error.cause(), Cause::Resolver(_)), "{error:?}");
    for name in ["a\0b", &long] {
        for error in [
            Host::by_name(name, Family::INET, LONG).unwrap_err(),
            resolve(name, 80).unwrap_err(),
        ] {
            assert!(matches!(error.cause(), Cause::Invalid(_)), "{error:?}");
        }
    }
    let unix = landline_socket::UnixAddress::Path("/tmp/x".into()).into();
    let error = name_of(&unix, NameFlags::NONE, LONG).unwrap_err();
    assert_eq!(error.cause(), &Cause::Resolver(ResolverError::FAMILY));
}

#[test]
fn without_time_only_digits_are_resolved() {
    for zero in [Timeout::Zero, Timeout::After(Duration::ZERO)] {
        only_digits_are_resolved(zero);
    }
}

fn only_digits_are_resolved(zero: Timeout) {
    let options = ResolveOptions {
        kind: Kind::STREAM,
        timeout: zero,
        ..ResolveOptions::default()
    };
    let found = resolve_with(Some("127.1"), 80, &options).unwrap();
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 80)).into();
    assert_eq!(found[0].address, loopback);
    let again = |error: Error| {
        assert_eq!(error.errno(), Some(Errno::AGAIN.raw_os_error()), "{error}");
    };
    again(resolve_with(Some("localhost"), 80, &options).unwrap_err());
    again(name_of(&loopback, NameFlags::NONE, zero).unwrap_err());
    again(Host::by_name("localhost", Family::INET, zero).unwrap_err());
    again(full_host_name("localhost", zero).unwrap_err());
    again(resolve_with(Some("127.1"), "http", &options).unwrap_err());
    again(name_of(&loopback, NameFlags::NUMERICHOST, zero).unwrap_err());
    again(name_of(&loopback, NameFlags::NUMERICSERV, zero).unwrap_err());
    let digits = NameFlags::NUMERICHOST | NameFlags::NUMERICSERV;
    name_of(&loopback, digits, zero).unwrap();
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn awaited_it_answers_the_same() {
    use landline_socket::resolve_async;
    let questions = [
        (Some("localhost"), "80"),
        (Some("127.1"), "http"),
        (Some(NOWHERE), "80"),
        (Some("localhost"), "no-such-service"),
        (Some("a\0b"), "80"),
        (None, "80"),
    ];
    for timeout in [Timeout::Never, LONG.into(), Timeout::Zero] {
        for (host, service) in questions {
            let options = ResolveOptions {
                kind: Kind::STREAM,
                timeout,
                ..ResolveOptions::default()
            };
            assert_eq!(
                resolve_async(host, service, &options).await,
                resolve_with(host, service, &options),
                "{host:?} {timeout:?}"
            );
        }
    }
    // Forgotten, it blocks neither its task nor its runtime.
    let options = ResolveOptions::default();
    let mut asked = Box::pin(resolve_async(Some("localhost"), 80, &options));
    let waker = std::task::Waker::noop();
    let first = asked
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    assert!(first.is_pending());
    drop(asked);
}

/// The C library's own resolver, in a network of its own whose only name server takes questions and never answers.
#[test]
fn a_resolver_that_hangs_is_left_behind_at_the_deadline() {
    const SELF: &str = "resolve::a_resolver_that_hangs_is_left_behind_at_the_deadline";
    if alone::is_alone() {
        return beside_a_silent_name_server();
    }
    let etc = tempfile::tempdir().unwrap();
    let file = |name, text| std::fs::write(etc.path().join(name), text).unwrap();
    file(
        "resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    );
    file("nsswitch.conf", "hosts: files dns\n");
    file("hosts", "127.0.0.1 known.example\n");
    run_with_etc(etc.path(), SELF);
}

/// Runs the test of this name again, in a network of its own and with this folder in the place of `/etc`; one that
/// hangs fails.
fn run_with_etc(etc: &Path, test: &str) {
    let mut command = Command::new("unshare");
    command
        .args(["-rmn", "sh", "-ec"])
        .arg("ip link set lo up; mount --bind \"$0\" /etc; exec timeout 20 \"$@\"")
        .arg(etc);
    let output = alone::run_under(&mut command, test);
    let complained = String::from_utf8_lossy(&output.stderr);
    if complained.contains("unshare: ") {
        // No namespaces for us here; then this is all that can be known.
        assert!(complained.contains("not permitted"), "{complained}");
        return;
    }
    alone::assert_passed(test, &output);
}

/// The table of services as one on a file system that does not answer: a FIFO that nobody writes to.
#[test]
fn a_table_of_services_that_hangs_is_left_behind_at_the_deadline() {
    const SELF: &str = "resolve::a_table_of_services_that_hangs_is_left_behind_at_the_deadline";
    if alone::is_alone() {
        return beside_a_table_that_hangs();
    }
    let etc = tempfile::tempdir().unwrap();
    let table = etc.path().join("services");
    let made = Command::new("mkfifo").arg(table).status().unwrap();
    assert!(made.success());
    run_with_etc(etc.path(), SELF);
}

fn beside_a_table_that_hangs() {
    let timeout = Duration::from_millis(50);
    for host in [Some("127.0.0.1"), Some("::1"), None] {
        late("resolve_with", timeout, || {
            resolve_with(host, "http", &within(timeout)).unwrap_err()
        });
    }
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 80)).into();
    late("name_of", timeout, || {
        name_of(&loopback, NameFlags::NUMERICHOST, timeout).unwrap_err()
    });
    let options = ConnectOptions {
        timeout: timeout.into(),
        ..ConnectOptions::default()
    };
    late("create_connection", timeout, || {
        create_connection("127.0.0.1", "http", &options).unwrap_err()
    });
    #[cfg(feature = "tokio")]
    late("AsyncSocket::create_connection", timeout, || {
        let connecting = landline_socket::AsyncSocket::create_connection("::1", "http", &options);
        runtime().block_on(connecting).unwrap_err()
    });
    // What is in digits throughout is in no table.
    let none = within(Duration::ZERO);
    resolve_with(Some("127.0.0.1"), "80", &none).unwrap();
    resolve_with(Some("::1"), Service::Any, &none).unwrap();
    resolve_with(None, 80, &none).unwrap();
    let digits = NameFlags::NUMERICHOST | NameFlags::NUMERICSERV;
    name_of(&loopback, digits, Timeout::Zero).unwrap();
}

fn beside_a_silent_name_server() {
    let server = Socket::new(Family::INET, Kind::DGRAM, Protocol::DEFAULT).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 53)).into();
    server.bind(&address).unwrap();
    server.set_timeout(LONG).unwrap();
    // With its first runtime tokio takes two descriptors that the process keeps (its pair for signals).
    #[cfg(feature = "tokio")]
    drop(runtime());
    let (descriptors, threads) = (alone::descriptors(), alone::threads());

    let timeout = Duration::from_millis(50);
    late("resolve_with", timeout, || {
        resolve_with(Some("slow.example"), 80, &within(timeout)).unwrap_err()
    });
    // It was really asked, by the C library, in a DNS message (RFC 1035 section 4.1.2).
    let mut question = [0; 512];
    let length = server.recv(&mut question).unwrap();
    let asked = b"\x04slow\x07example\x00";
    let mut parts = question[..length].windows(asked.len());
    assert!(parts.any(|part| part == asked));

    every_question_ends_at_the_deadline(timeout);
    those_left_behind_are_bounded();

    // They end when the resolver does, and leave nothing.
    let began = Instant::now();
    server.set_timeout(Duration::from_millis(20)).unwrap();
    while alone::threads() > threads || alone::descriptors() > descriptors {
        let (now, then) = (
            (alone::descriptors(), alone::threads()),
            (descriptors, threads),
        );
        assert!(began.elapsed() < LONG, "{now:?} stay, where {then:?} were");
        let _ = server.recv(&mut question);
    }
    late("after all", timeout, || {
        resolve_with(Some("slow.example"), 80, &within(timeout)).unwrap_err()
    });
}

#[cfg(feature = "tokio")]
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn within(timeout: Duration) -> ResolveOptions {
    ResolveOptions {
        timeout: timeout.into(),
        ..ResolveOptions::default()
    }
}

fn late(what: &str, timeout: Duration, ask: impl FnOnce() -> Error) {
    let began = Instant::now();
    let error = ask();
    let took = began.elapsed();
    assert_eq!(error.cause(), &Cause::TimedOut, "{what}: {error}");
    assert!((timeout..LONG / 10).contains(&took), "{what}: {took:?}");
}

fn every_question_ends_at_the_deadline(timeout: Duration) {
    let documentation = SocketAddr::from(([192, 0, 2, 1], 80)).into();
    late("name_of", timeout, || {
        name_of(&documentation, NameFlags::NONE, timeout).unwrap_err()
    });
    late("by_name", timeout, || {
        Host::by_name("slow.example", Family::INET, timeout).unwrap_err()
    });
    late("by_address", timeout, || {
        Host::by_address([192, 0, 2, 1].into(), timeout).unwrap_err()
    });
    late("full_host_name", timeout, || {
        full_host_name("slow.example", timeout).unwrap_err()
    });
    let options = ConnectOptions {
        timeout: timeout.into(),
        ..ConnectOptions::default()
    };
    late("create_connection", timeout, || {
        create_connection("slow.example", 80, &options).unwrap_err()
    });
    #[cfg(feature = "tokio")]
    {
        use landline_socket::{AsyncSocket, resolve_async};
        let runtime = runtime();
        late("AsyncSocket::create_connection", timeout, || {
            let connecting = AsyncSocket::create_connection("slow.example", 80, &options);
            runtime.block_on(connecting).unwrap_err()
        });
        late("resolve_async", timeout, || {
            let options = within(timeout);
            let resolving = resolve_async(Some("slow.example"), 80, &options);
            runtime.block_on(resolving).unwrap_err()
        });
    }
}

/// However many ask at once, 64 are with the resolver, those who gave up among them; the others wait for their turn.
fn those_left_behind_are_bounded() {
    let timeout = Duration::from_millis(300);
    std::thread::scope(|scope| {
        for _ in 0..300 {
            scope.spawn(|| {
                late("one of many", timeout, || {
                    resolve_with(Some("slow.example"), 80, &within(timeout)).unwrap_err()
                });
            });
        }
    });
    // By their name, because the threads above may not be gone yet.
    let left = alone::threads_called("resolve");
    assert!((1..=64).contains(&left), "{left}");
    // Digits need no turn, and who has time gets one when the resolver gives up on the others.
    let hasty = within(Duration::from_millis(1));
    resolve_with(Some("127.0.0.1"), 80, &hasty).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| resolve_with(Some("known.example"), 80, &within(LONG)).unwrap());
        #[cfg(feature = "tokio")]
        {
            let patient = ResolveOptions::default();
            let awaited = landline_socket::resolve_async(Some("known.example"), 80, &patient);
            runtime().block_on(awaited).unwrap();
        }
    });
}
