//! `docs/python-parity.md` has a row for every public name that this Python has, and none that it lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use landline_socket::{
    Family, Kind, Level, MsgFlags, NameFlags, Protocol, ResolveFlags, ResolverError,
};

/// Prints the version, and each section of the table with the names that belong there. Not public is what a module only
/// imports: other modules, and what comes from these.
const ASK: &str = r#"
import selectors, socket, socketserver, sys, types
IMPORTED = {"abc", "collections", "collections.abc", "enum", "io", "time"}
print(sys.version_info.minor)
def tell(section, *owners):
    for name in sorted({name for owner in owners for name in dir(owner)}):
        value = next(getattr(owner, name) for owner in owners if hasattr(owner, name))
        imported = isinstance(value, types.ModuleType) or getattr(value, "__module__", None) in IMPORTED
        if not name.startswith("_") and not imported:
            print(section, name, value if isinstance(value, int) else "", sep="\t")
tell("socket", socket)
tell("socket.socket", socket.socket)
tell("selectors", selectors)
tell("selectors.BaseSelector", selectors.DefaultSelector)
tell("socketserver", socketserver)
classes = [getattr(socketserver, name) for name in socketserver.__all__]
handlers = [one for one in classes if issubclass(one, socketserver.BaseRequestHandler)]
tell("socketserver.BaseRequestHandler", *handlers)
tell("socketserver.BaseServer", *(one for one in classes if one not in handlers))
"#;

struct Python {
    minor: u32,
    /// By section, and each name with its number if it is one.
    names: BTreeMap<String, BTreeMap<String, Option<i32>>>,
}

fn python() -> Python {
    let output = Command::new("python3").args(["-c", ASK]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let minor = lines.next().unwrap().parse().unwrap();
    let mut names: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for line in lines {
        let fields: Vec<_> = line.split('\t').collect();
        let [section, name, number] = fields[..] else {
            panic!("{line}");
        };
        let number = number.parse().ok();
        let section = names.entry(section.to_owned()).or_default();
        section.insert(name.to_owned(), number);
    }
    Python { minor, names }
}

/// The rows of the table: by section (a heading's first word in backquotes) the names, each with the versions that have it.
fn table() -> BTreeMap<String, BTreeMap<String, Since>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/python-parity.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut sections: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let mut section = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## `") {
            heading.split('`').next().unwrap().clone_into(&mut section);
        } else if let Some(row) = line.strip_prefix("| `") {
            let (name, rest) = row.split_once('`').unwrap();
            let rows = sections.entry(section.clone()).or_default();
            let since = Since::parse(rest.split('|').next().unwrap().trim());
            assert!(
                rows.insert(name.to_owned(), since).is_none(),
                "{name} twice"
            );
        }
    }
    sections
}

/// Which Pythons have a name.
enum Since {
    All,
    /// From 3.this on.
    Minor(u32),
    /// Where it was built with the headers for it.
    Headers,
}

impl Since {
    fn parse(mark: &str) -> Self {
        match mark {
            "" => Self::All,
            "(by its headers)" => Self::Headers,
            mark => {
                let minor = mark
                    .strip_prefix("(3.")
                    .and_then(|rest| rest.strip_suffix(')'));
                Self::Minor(minor.expect(mark).parse().unwrap())
            }
        }
    }

    fn is_expected(&self, minor: u32) -> bool {
        match self {
            Self::All => true,
            Self::Minor(since) => *since <= minor,
            Self::Headers => false,
        }
    }
}

#[test]
fn every_name_of_python_has_a_row_and_no_row_is_stale() {
    let (python, table) = (python(), table());
    let sections: BTreeSet<_> = python.names.keys().chain(table.keys()).collect();
    let mut complaints = Vec::new();
    for section in sections {
        let empty = BTreeMap::new();
        let rows = table
            .get(section)
            .unwrap_or_else(|| panic!("no section {section}"));
        let names = python.names.get(section).unwrap_or(&empty);
        for name in names.keys().filter(|name| !rows.contains_key(*name)) {
            complaints.push(format!("{section}.{name} has no row"));
        }
        for (name, since) in rows {
            if since.is_expected(python.minor) && !names.contains_key(name) {
                complaints.push(format!("Python 3.{} has no {section}.{name}", python.minor));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A constant of ours prints Python's name for the number that Python gives it.
#[test]
fn constants_have_python_s_names_and_numbers() {
    let python = python();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for (name, number) in &python.names["socket"] {
        let Some(number) = *number else { continue };
        let printed = match name.split('_').next().unwrap() {
            "AF" => format!("{:?}", Family::from_raw(number)),
            "SOCK" => format!("{:?}", Kind::from_raw(number)),
            "IPPROTO" => format!("{:?}", Protocol::from_raw(number)),
            "MSG" => format!("{:?}", MsgFlags::from_raw(number)),
            "AI" => format!("{:?}", ResolveFlags::from_raw(number)),
            "NI" => format!("{:?}", NameFlags::from_raw(number)),
            "EAI" => format!("{:?}", ResolverError::from_raw(number)),
            "SOL" => format!("{:?}", Level::from_raw(number)),
            _ => continue,
        };
        checked += 1;
        if printed != *name && !OTHERWISE.contains(&name.as_str()) {
            wrong.push(format!("{name} is {number}, which prints {printed}"));
        }
    }
    assert!(checked > 100, "{checked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Second names of a number, sizes that only look like flags, flags of `socket(2)` that are no kind,
/// and what is absent.
const OTHERWISE: &[&str] = &[
    "AF_ROUTE",
    "IPPROTO_HOPOPTS",
    "IPPROTO_IP",
    "NI_IDN",
    "NI_MAXHOST",
    "NI_MAXSERV",
    "SOCK_CLOEXEC",
    "SOCK_NONBLOCK",
    "SOL_HCI",
];
