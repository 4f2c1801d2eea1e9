//! A small repository in which every rule holds; a rule's test breaks one thing in it.

use super::check;
use super::python::TABLE;
use super::tree::Tree;

pub(crate) fn sample() -> Tree {
    Tree::of(FILES)
        .with("crates/socket/src/socket.rs", SOCKET_CALLS)
        .with(TABLE, NAMES)
}

const SOCKET_CALLS: &str = "//! The socket.\n#[doc(alias = \"getsockname\")]\npub fn local_address() {}\npub fn bind() {}\n";

const NAMES: &str = "# Names\n| Python | here | |\n|---|---|---|\n| `getsockname` | `Socket::local_address` | same |\n\
    | `bind` (3.12) | `Socket::bind` | differs: by half |\n| `CAPI` | – | absent: it is C's |\n";

const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", ROOT),
    ("clippy.toml", include_str!("../../../clippy.toml")),
    ("deny.toml", include_str!("../../../deny.toml")),
    ("Cargo.lock", LOCK),
    ("LICENSE-MIT", ""),
    ("LICENSE-APACHE", ""),
    (
        "README.md",
        "See `ARCHITECTURE.md` and [the map](ARCHITECTURE.md#map).\n",
    ),
    ("README.zh-CN.md", "`HTTP/1.1`, `text/html`\n"),
    ("ARCHITECTURE.md", MAP),
    ("CONTRIBUTING.md", ""),
    ("SECURITY.md", ""),
    ("CHANGELOG.md", "once there was `crates/gone/`\n"),
    (".ci/run", "#!/usr/bin/env bash\ncargo xtask test\n"),
    (".gitignore", "/target\n"),
    ("crates/socket/Cargo.toml", SOCKET),
    (
        "crates/socket/src/lib.rs",
        "//! Sockets.\nmod sys;\nmod wait;\n",
    ),
    (
        "crates/socket/src/options/catalogue.rs",
        "//! The options.\n",
    ),
    (
        "crates/socket/src/sys/mod.rs",
        "//! System calls.\nunsafe {}\n",
    ),
    (
        "crates/socket/src/wait.rs",
        "//! Waiting.\nrustix::event::poll(x)\n",
    ),
    ("crates/wire/Cargo.toml", WIRE),
    (
        "crates/wire/src/lib.rs",
        "//! Messages.\n#![no_std]\n#[cfg(test)]\nextern crate std;\n",
    ),
    ("crates/tools/Cargo.toml", TOOLS),
    ("crates/tools/src/lib.rs", "//! Tools.\npub mod base;\n"),
    ("crates/tools/src/base/mod.rs", "//! The base.\n"),
    (
        "crates/tools/src/chat/mod.rs",
        "//! Chat.\nuse crate::base;\n",
    ),
    (
        "crates/tools/src/chat/room.rs",
        "//! The room.\nuse super::super::base;\n",
    ),
    (
        "crates/tools/src/http/mod.rs",
        "//! HTTP.\nuse crate::{base, http};\n",
    ),
    (
        "crates/tools/src/hub/mod.rs",
        "//! The hub.\nuse crate::{chat, http};\n",
    ),
    ("crates/tools/src/hub/page.js", "// The page.\n"),
    ("crates/tools/tests/it/main.rs", "//! The tests.\n"),
    ("crates/cli/Cargo.toml", CLI),
    (
        "crates/cli/src/main.rs",
        "//! The binary.\nfn main() { println!(); }\n",
    ),
    ("crates/cli/src/args/mod.rs", "//! Arguments.\n"),
    ("crates/cli/src/commands/up.rs", "//! Up.\n"),
    ("xtask/Cargo.toml", XTASK),
    (
        "xtask/src/main.rs",
        "//! The workshop.\nstd::env::args();\n",
    ),
];

/// The rule, and the file and line that it complains about: what must be all that the rules say.
#[track_caller]
pub(crate) fn assert_fires(tree: &Tree, rule: &str, path: &str, line: usize) {
    let found = check(tree);
    let seen: Vec<_> = found
        .iter()
        .map(|(rule, complaint)| (*rule, complaint.path.as_str(), complaint.line))
        .collect();
    assert_eq!(seen, [(rule, path, line)], "{found:?}");
}

/// The real manifest: what the sample's crates inherit is what ours inherit.
const ROOT: &str = include_str!("../../../Cargo.toml");

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"tokio\"\nversion = \"1.0.0\"\n\
    source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

const MAP: &str = "`crates/socket/`, `socket/src/wait.rs`, `socket/src/{options,sys}/`, `crates/tools/src/{base,chat,http,hub}/` `crates/cli/src/{args,commands}/`\n\n\
    ```\n`not/here`\n```\n[out](https://example.org/x) `unix:/path` `/.landline/` `a <b>/c` `text/html`\n";

macro_rules! member {
    ($name:literal, $dependencies:literal) => {
        concat!(
            "[package]\nname = \"",
            $name,
            "\"\nversion.workspace = true\nedition.workspace = true\n",
            "rust-version.workspace = true\nlicense.workspace = true\nauthors.workspace = true\n\n",
            "[lints]\nworkspace = true\n\n[dependencies]\n",
            $dependencies
        )
    };
}

const SOCKET: &str = member!("landline-socket", "socket2.workspace = true\n");
const WIRE: &str = member!("landline-wire", "httparse.workspace = true\n");
const TOOLS: &str = member!(
    "landline-tools",
    "landline-socket = { workspace = true, features = [\"tokio\"] }\nlandline-wire.workspace = true\n"
);
const CLI: &str = member!(
    "landline",
    "landline-socket.workspace = true\nlandline-tools.workspace = true\n"
);
const XTASK: &str = member!("xtask", "");
