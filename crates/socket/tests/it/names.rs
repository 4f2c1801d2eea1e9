//! Services, protocols, interfaces and the texts of addresses: as CPython has them.

use std::net::{Ipv4Addr, Ipv6Addr};

use landline_socket::{
    Cause, Error, Family, Protocol, ResolverError, host_name, inet, interface_index,
    interface_name, interfaces, protocol_by_name, protocol_name, service_name, service_port,
    set_host_name,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rustix::io::Errno;

use crate::python;

/// Python raises `OSError` for each of these; here it is one code.
fn told<T: std::fmt::Display>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(error) => {
            assert_eq!(error.cause(), &Cause::Resolver(ResolverError::NONAME));
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
            "OSError".to_owned()
        }
    }
}

const TELL: &str = "
import socket
def tell(ask, *args):
    try: print(ask(*args))
    except OSError: print('OSError')
";

#[test]
fn services_are_as_cpython_has_them() {
    let protocols = [None, Some("tcp"), Some("udp"), Some("nosuch")];
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    for protocol in protocols {
        let also = protocol.map_or(String::new(), |name| format!(", '{name}'"));
        for name in [
            "http", "www", "domain", "syslog", "HTTP", "80", "", "no such",
        ] {
            script += &format!("tell(socket.getservbyname, '{name}'{also})\n");
            ours.push(told(service_port(name, protocol)));
        }
        for port in [0, 22, 53, 80, 512, 514, 65535] {
            script += &format!("tell(socket.getservbyport, {port}{also})\n");
            ours.push(told(service_name(port, protocol)));
        }
    }
    assert_eq!(ours, python::lines_of(&script));
}

#[test]
fn protocols_are_as_cpython_has_them() {
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    for name in [
        "tcp",
        "TCP",
        "udp",
        "icmp",
        "ipv6-icmp",
        "ip",
        "",
        "6",
        "nosuch",
    ] {
        script += &format!("tell(socket.getprotobyname, '{name}')\n");
        ours.push(told(protocol_by_name(name).map(Protocol::as_raw)));
    }
    assert_eq!(ours, python::lines_of(&script));
    // By number Python has no call: there and back.
    for name in ["tcp", "udp", "icmp"] {
        if let Ok(protocol) = protocol_by_name(name) {
            assert_eq!(protocol_name(protocol).unwrap(), name);
        }
    }
    for unknown in [-1, 253, i32::MAX] {
        assert_eq!(told(protocol_name(Protocol::from_raw(unknown))), "OSError");
    }
}

#[test]
fn a_name_with_a_nul_is_an_error_everywhere() {
    let name = "a\0b";
    let errors = [
        service_port(name, None).unwrap_err(),
        service_port("http", Some(name)).unwrap_err(),
        service_name(80, Some(name)).unwrap_err(),
        protocol_by_name(name).unwrap_err(),
        interface_index(name).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.cause(), Cause::Invalid(_)), "{error:?}");
        assert!(!error.to_string().contains('\0'));
    }
    let long = "x".repeat(10_000);
    let errors = [
        service_port(&long, None).unwrap_err(),
        protocol_by_name(&long).unwrap_err(),
        interface_index(&long).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().len() < 500, "{error}");
    }
}

#[test]
fn interfaces_are_as_cpython_has_them() {
    let all = interfaces().unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|(index, name)| format!("{index} {name}"))
        .collect();
    let script = "import socket\nfor i, n in socket.if_nameindex(): print(i, n)";
    assert_eq!(told, python::lines_of(script));
    for (index, name) in &all {
        assert_eq!(interface_index(name).unwrap(), *index);
        assert_eq!(&interface_name(*index).unwrap(), name);
    }
    assert!(all.iter().any(|(_, name)| name == "lo"));
    let error = interface_index("no-such-if").unwrap_err();
    assert_eq!(error.errno(), Some(Errno::NODEV.raw_os_error()));
    let error = interface_name(0).unwrap_err();
    assert_eq!(error.errno(), Some(Errno::NXIO.raw_os_error()));
}

#[test]
fn the_host_s_own_name_is_as_cpython_has_it() {
    let theirs = python::lines_of("import socket; print(socket.gethostname())");
    assert_eq!([host_name()], theirs[..]);
    // Too long for the kernel, whoever asks.
    let error = set_host_name(&"x".repeat(65)).unwrap_err();
    let errno = error.errno().map(Errno::from_raw_os_error);
    assert!(matches!(errno, Some(Errno::INVAL | Errno::PERM)), "{error}");
}

#[test]
fn what_the_machine_has_is_as_cpython_has_it() {
    let theirs = python::lines_of("import socket; print(socket.has_dualstack_ipv6())");
    let ours = if inet::has_dual_stack() {
        "True"
    } else {
        "False"
    };
    assert_eq!([ours], theirs[..]);
    assert!(inet::has_ipv6() || !inet::has_dual_stack());
}

/// Addresses in one to four numbers of three bases, and what is none.
const LOOSE: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "1",
    "0",
    "4294967295",
    "4294967296",
    "0x7f000001",
    "0X7F.1",
    "0x",
    "0x.1",
    "017",
    "08",
    "0.0.0.08",
    "1.2.3.256",
    "1.2.3.255",
    "1.2.65535",
    "1.2.65536",
    "1.16777215",
    "1.16777216",
    "256.1",
    "",
    ".",
    "1.",
    ".1",
    "1..2",
    "1.2.3.4.",
    "1.2.3.4.5",
    "-1",
    "+1",
    " 1",
    "1.2.3.-4",
    "a",
    "1.2.3.a",
    "0xg",
    "1.2.3.4x",
    "00000000000000000000001",
    "99999999999999999999",
    "0x100000000",
    "１.2.3.4",
];

#[test]
fn inet_aton_reads_as_cpython_does() {
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    for text in LOOSE {
        script += &format!("tell(lambda: socket.inet_ntoa(socket.inet_aton('{text}')))\n");
        ours.push(match inet::inet_aton(text) {
            Ok(ip) => inet::inet_ntoa(ip),
            Err(error) => {
                assert!(matches!(error.cause(), Cause::Invalid(_)));
                "OSError".to_owned()
            }
        });
    }
    let theirs = python::lines_of(&script);
    for (text, (ours, theirs)) in LOOSE.iter().zip(ours.iter().zip(&theirs)) {
        assert_eq!(ours, theirs, "{text:?}");
    }
    assert_eq!(ours.len(), theirs.len());
    // The one difference, stated: C ignores what follows a space.
    for text in ["1.2.3.4 ", "1.2.3.4 x", "1.2.3.4\n"] {
        inet::inet_aton(text).unwrap_err();
    }
}

#[test]
fn addresses_print_and_parse_as_cpython_does() {
    // Zeros in any places, because runs of them are what the short form is about.
    let sparse = proptest::collection::vec(prop_oneof![Just(0u16), any::<u16>()], 8);
    let mut runner = TestRunner::default();
    let mut octets: Vec<Vec<u8>> = (0..300)
        .map(|_| sparse.new_tree(&mut runner).unwrap().current())
        .map(|segments| segments.into_iter().flat_map(u16::to_be_bytes).collect())
        .collect();
    octets.extend([
        Ipv6Addr::UNSPECIFIED.octets().to_vec(),
        Ipv6Addr::LOCALHOST.octets().to_vec(),
        Ipv4Addr::new(1, 2, 3, 4).to_ipv6_mapped().octets().to_vec(),
        Ipv4Addr::new(1, 2, 3, 4)
            .to_ipv6_compatible()
            .octets()
            .to_vec(),
        vec![127, 0, 0, 1],
        vec![255; 4],
    ]);
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    for octets in &octets {
        let family = if octets.len() == 4 {
            Family::INET
        } else {
            Family::INET6
        };
        let hex: String = octets.iter().map(|byte| format!("{byte:02x}")).collect();
        script += &format!(
            "tell(socket.inet_ntop, {}, bytes.fromhex('{hex}'))\n",
            family.as_raw()
        );
        let text = inet::inet_ntop(family, octets).unwrap();
        assert_eq!(&inet::inet_pton(family, &text).unwrap(), octets);
        ours.push(text);
    }
    assert_eq!(ours, python::lines_of(&script));
}

#[test]
fn inet_pton_reads_as_cpython_does() {
    let texts = [
        "127.0.0.1",
        "127.1",
        "01.2.3.4",
        "1.2.3.4.",
        "1.2.3.256",
        " 1.2.3.4",
        "",
        "::",
        "::1",
        "1::",
        "1::2::3",
        ":::",
        ":1",
        "1:",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:9",
        "::12345",
        "::0001",
        "::00001",
        "::g",
        "::1.2.3.4",
        "::1.2.3",
        "1.2.3.4::",
        "::ffff:1.2.3.4",
        "::1.2.3.4:5",
        "fe80::1%lo",
        "[::1]",
        "::FFFF",
    ];
    let mut script = TELL.to_owned();
    let mut ours = Vec::new();
    for family in [Family::INET, Family::INET6] {
        for text in texts {
            let number = family.as_raw();
            script += &format!("tell(lambda: socket.inet_pton({number}, '{text}').hex())\n");
            ours.push(match inet::inet_pton(family, text) {
                Ok(octets) => octets.iter().map(|byte| format!("{byte:02x}")).collect(),
                Err(_) => "OSError".to_owned(),
            });
        }
    }
    let theirs = python::lines_of(&script);
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(ours, theirs, "{:?}", texts[at % texts.len()]);
    }
    assert_eq!(ours.len(), theirs.len());
}

#[test]
fn what_is_no_ip_address_is_an_error() {
    let error = inet::inet_pton(Family::UNIX, "::1").unwrap_err();
    assert_eq!(error.errno(), Some(Errno::AFNOSUPPORT.raw_os_error()));
    for (family, length) in [
        (Family::INET, 3),
        (Family::INET, 16),
        (Family::INET6, 4),
        (Family::INET6, 0),
    ] {
        let error = inet::inet_ntop(family, &vec![0; length]).unwrap_err();
        assert!(matches!(error.cause(), Cause::Invalid(_)), "{error}");
    }
    inet::inet_ntop(Family::PACKET, &[0; 4]).unwrap_err();
}

#[test]
fn the_constants_are_cpython_s() {
    let names = [
        ("INADDR_ANY", u64::from(inet::ANY.to_bits())),
        ("INADDR_BROADCAST", inet::BROADCAST.to_bits().into()),
        ("INADDR_NONE", inet::NONE.to_bits().into()),
        ("INADDR_LOOPBACK", inet::LOOPBACK.to_bits().into()),
        ("INADDR_UNSPEC_GROUP", inet::UNSPEC_GROUP.to_bits().into()),
        (
            "INADDR_ALLHOSTS_GROUP",
            inet::ALLHOSTS_GROUP.to_bits().into(),
        ),
        (
            "INADDR_MAX_LOCAL_GROUP",
            inet::MAX_LOCAL_GROUP.to_bits().into(),
        ),
        ("IPPORT_RESERVED", inet::PORT_RESERVED.into()),
        ("IPPORT_USERRESERVED", inet::PORT_USERRESERVED.into()),
        (
            "NI_MAXHOST",
            landline_socket::NameFlags::HOST_MAX_BYTES as u64,
        ),
        (
            "NI_MAXSERV",
            landline_socket::NameFlags::SERVICE_MAX_BYTES as u64,
        ),
    ];
    let script: String = names
        .iter()
        .map(|(name, _)| format!("print(socket.{name} & 0xffffffff)\n"))
        .collect();
    let theirs = python::lines_of(&format!("import socket\n{script}"));
    let ours: Vec<_> = names.iter().map(|(_, value)| value.to_string()).collect();
    assert_eq!(ours, theirs);
}

/// Every `AI_`, `NI_` and `EAI_` name of CPython has its number here, and prints it.
#[test]
fn flags_and_codes_print_the_names_that_cpython_has() {
    use landline_socket::{NameFlags, ResolveFlags};
    let script = "
import socket
for name in sorted(dir(socket)):
    if name.startswith(('AI_', 'NI_', 'EAI_')) and not name.startswith('NI_MAX'):
        print(name, getattr(socket, name))
";
    let theirs = python::lines_of(script);
    assert!(theirs.len() > 20, "{theirs:?}");
    for line in theirs {
        let (name, number) = line.split_once(' ').unwrap();
        let number = number.parse().unwrap();
        let printed = match name.split('_').next() {
            Some("AI") => format!("{:?}", ResolveFlags::from_raw(number)),
            Some("NI") => format!("{:?}", NameFlags::from_raw(number)),
            _ => format!("{:?}", ResolverError::from_raw(number)),
        };
        assert_eq!(printed, name);
    }
    let several =
        ResolveFlags::PASSIVE | ResolveFlags::NUMERICHOST | ResolveFlags::from_raw(1 << 30);
    assert_eq!(
        format!("{several:?}"),
        "AI_PASSIVE | AI_NUMERICHOST | AI(0x40000000)"
    );
}
