//! Python's functions about names and numbers: the resolver, services, interfaces, `inet_*`, byte order.

use std::net::Ipv4Addr;

use landline_socket::{
    Address, Cause, Family, Host, NameFlags, Protocol, ResolveFlags, ResolveOptions, Resolved,
    Service, Timeout, host_name, inet, interface_index, interface_name, interfaces, name_of,
    protocol_by_name, resolve_with, service_name, service_port,
};

use super::run::Arguments;
use super::socket::{bytes, family, integer, kind, to_address};
use super::value::{Failure, Outcome, Value, from_address};

pub(super) const FUNCTIONS: &[&str] = &[
    "getaddrinfo",
    "gethostbyname",
    "gethostname",
    "getnameinfo",
    "getprotobyname",
    "getservbyname",
    "getservbyport",
    "htonl",
    "htons",
    "if_indextoname",
    "if_nameindex",
    "if_nametoindex",
    "inet_aton",
    "inet_ntoa",
    "inet_ntop",
    "inet_pton",
    "ntohl",
    "ntohs",
];

/// `name(…)`.
pub(super) fn call(name: &str, arguments: &Arguments) -> Outcome {
    match name {
        "getaddrinfo" => addresses(arguments),
        "getnameinfo" => names(arguments),
        "gethostname" => Ok(Value::text(host_name())),
        "gethostbyname" => match text(arguments.must(0)?)?.as_str() {
            // Python's own words for two addresses.
            "" => Ok(Value::text("0.0.0.0")),
            "<broadcast>" => Ok(Value::text("255.255.255.255")),
            host => {
                let host = Host::by_name(host, Family::INET, Timeout::Never)?;
                Ok(Value::text(host.addresses[0].to_string()))
            }
        },
        "getservbyname" | "getservbyport" | "getprotobyname" => service(name, arguments),
        "if_nametoindex" => {
            let index = interface_index(&text(arguments.must(0)?)?)?;
            Ok(Value::int(index))
        }
        "if_indextoname" => Ok(Value::text(interface_name(u32_of(arguments)?)?)),
        "if_nameindex" => {
            let all = interfaces()?.into_iter();
            let pair = |(index, name)| Value::Tuple(vec![Value::int(index), Value::Text(name)]);
            Ok(Value::List(all.map(pair).collect()))
        }
        "htons" | "ntohs" => {
            let number = u16::try_from(integer(arguments.must(0)?)?);
            Ok(Value::int(number.map_err(|_| Failure::Refused)?.to_be()))
        }
        "htonl" | "ntohl" => Ok(Value::int(u32_of(arguments)?.to_be())),
        _ => inet(name, arguments),
    }
}

fn inet(name: &str, arguments: &Arguments) -> Outcome {
    Ok(match name {
        "inet_aton" => {
            let address = inet::inet_aton(&text(arguments.must(0)?)?)?;
            Value::Bytes(address.octets().to_vec())
        }
        "inet_ntoa" => {
            let octets: [u8; 4] = bytes(arguments.must(0)?)?
                .try_into()
                .map_err(|_| Failure::Refused)?;
            Value::text(inet::inet_ntoa(Ipv4Addr::from(octets)))
        }
        "inet_pton" => {
            let (family, text) = (family(arguments.must(0)?)?, text(arguments.must(1)?)?);
            Value::Bytes(inet::inet_pton(family, &text)?)
        }
        _ => {
            let (family, octets) = (family(arguments.must(0)?)?, bytes(arguments.must(1)?)?);
            Value::text(inet::inet_ntop(family, &octets)?)
        }
    })
}

fn text(value: &Value) -> Result<String, Failure> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(Failure::Refused),
    }
}

fn u32_of(arguments: &Arguments) -> Result<u32, Failure> {
    u32::try_from(integer(arguments.must(0)?)?).map_err(|_| Failure::Refused)
}

fn number(arguments: &Arguments, place: usize, name: &str) -> Result<i32, Failure> {
    Ok(arguments.get(place, name).map_or(Ok(0), integer)? as i32)
}

fn addresses(arguments: &Arguments) -> Outcome {
    let host = match arguments.must(0)? {
        Value::None => None,
        host => Some(text(host)?),
    };
    let port_name;
    let service = match arguments.must(1)? {
        Value::None => Service::Any,
        Value::Text(name) => {
            port_name = name.clone();
            Service::Name(&port_name)
        }
        port => Service::Port(u16::try_from(integer(port)?).map_err(|_| Failure::Refused)?),
    };
    let options = ResolveOptions {
        family: arguments
            .get(2, "family")
            .map_or(Ok(Family::UNSPEC), family)?,
        kind: arguments
            .get(3, "type")
            .map_or(Ok(ResolveOptions::default().kind), kind)?,
        protocol: Protocol::from_raw(number(arguments, 4, "proto")?),
        flags: ResolveFlags::from_raw(number(arguments, 5, "flags")?),
        timeout: Timeout::Never,
    };
    let found = resolve_with(host.as_deref(), service, &options)?;
    Ok(Value::List(found.into_iter().map(entry).collect()))
}

fn entry(found: Resolved) -> Value {
    Value::Tuple(vec![
        Value::int(found.family.as_raw()),
        Value::int(found.kind.as_raw()),
        Value::int(found.protocol.as_raw()),
        Value::text(found.canonical_name.unwrap_or_default()),
        from_address(&found.address, Value::None),
    ])
}

fn names(arguments: &Arguments) -> Outcome {
    let Value::Tuple(items) = arguments.must(0)? else {
        return Err(Failure::Refused);
    };
    let host = text(items.first().ok_or(Failure::Refused)?)?;
    // Python takes an address in digits, and no name: a name is no `Address`.
    let family = match host.parse().map_err(|_| Failure::Refused)? {
        std::net::IpAddr::V4(_) => Family::INET,
        std::net::IpAddr::V6(_) => Family::INET6,
    };
    let address: Address = to_address(family, arguments.must(0)?)?;
    let flags = NameFlags::from_raw(number(arguments, 1, "flags")?);
    let (host, service) = name_of(&address, flags, Timeout::Never)?;
    Ok(Value::Tuple(vec![Value::Text(host), Value::Text(service)]))
}

fn service(name: &str, arguments: &Arguments) -> Outcome {
    let protocol = match arguments.get(1, "protocol") {
        Some(protocol) => Some(text(protocol)?),
        None => None,
    };
    let protocol = protocol.as_deref();
    let found = match name {
        "getservbyname" => service_port(&text(arguments.must(0)?)?, protocol).map(Value::int),
        "getprotobyname" => {
            let found = protocol_by_name(&text(arguments.must(0)?)?);
            found.map(|protocol| Value::int(protocol.as_raw()))
        }
        _ => {
            let port = u16::try_from(integer(arguments.must(0)?)?);
            service_name(port.map_err(|_| Failure::Refused)?, protocol).map(Value::Text)
        }
    };
    // Python has words alone for what is in no table (an `OSError` without a number); ours is the resolver's.
    found.map_err(|error| match error.cause() {
        Cause::Resolver(_) => Failure::Refused,
        _ => Failure::Ours(error),
    })
}
