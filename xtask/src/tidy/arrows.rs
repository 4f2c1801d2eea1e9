//! Which of our crates may use which, and which of the tools: arrows point down only.

use std::collections::BTreeSet;

use super::Complaint;
use super::source::{code, first_names, is_word};
use super::tree::Tree;
use crate::manifest::Manifest;

/// Every manifest of ours, and those of ours it may depend on.
const MAY_USE: &[(&str, &[&str])] = &[
    ("crates/socket/Cargo.toml", &[]),
    ("crates/wire/Cargo.toml", &[]),
    (
        "crates/tools/Cargo.toml",
        &["landline-socket", "landline-wire"],
    ),
    (
        "crates/cli/Cargo.toml",
        &["landline-socket", "landline-tools"],
    ),
    (
        "examples/Cargo.toml",
        &["landline-socket", "landline-tools"],
    ),
    ("bench/Cargo.toml", &["landline-socket"]),
    ("fuzz/Cargo.toml", &["landline-socket", "landline-wire"]),
    ("xtask/Cargo.toml", &[]),
];

/// All that `wire` may use. Each does no I/O, tells no time and makes no randomness, with the features
/// that the workspace gives it; the last ones serve its tests alone.
const WIRE_MAY_USE: &[&str] = &[
    "base64",
    "bytes",
    "ciborium",
    "httparse",
    "percent-encoding",
    "serde",
    "serde_json",
    "sha1",
    "unicode-normalization",
];
const WIRE_TESTS_MAY_USE: &[&str] = &["proptest"];

/// The manifests' dependencies on each other go only where the drawing has an arrow.
pub(crate) fn point_down(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in tree.files() {
        if path == "Cargo.toml" || !path.ends_with("Cargo.toml") {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == path) else {
            complaints.push(Complaint::at(
                path,
                0,
                "a new crate: say in xtask's arrows what it may use",
            ));
            continue;
        };
        for (name, how, line) in Manifest::parse(text).dependencies() {
            let ours = name.starts_with("landline") || how.contains("landline");
            if ours && !allowed.contains(&name) {
                complaints.push(Complaint::at(path, line, format!("must not use {name}")));
            }
        }
    }
    complaints
}

/// `wire` depends on what is known to do no I/O, and its tests on little more.
pub(crate) fn wire_is_light(tree: &Tree) -> Vec<Complaint> {
    const PATH: &str = "crates/wire/Cargo.toml";
    let manifest = Manifest::parse(tree.text(PATH).unwrap_or_default());
    let mut complaints = Vec::new();
    for entry in &manifest.entries {
        let for_tests = entry.section.starts_with("dev-dependencies");
        let Some((name, _, line)) = entry.dependency() else {
            continue;
        };
        let is_known = WIRE_MAY_USE.contains(&name)
            || (for_tests && WIRE_TESTS_MAY_USE.contains(&name))
            // That is for `arrows` to say.
            || name.starts_with("landline");
        if !is_known {
            let why = format!("wire does no I/O: if {name} does none, say so in xtask's arrows");
            complaints.push(Complaint::at(PATH, line, why));
        }
    }
    complaints
}

const TOOLS: &str = "crates/tools/src/";

/// A tool names only itself and `base`; `hub` names any; `base` names none.
pub(crate) fn tools_stay_apart(tree: &Tree) -> Vec<Complaint> {
    let tools: BTreeSet<&str> = tree.rust().filter_map(|(path, _)| tool(path)).collect();
    let mut complaints = Vec::new();
    for (path, text) in tree.rust() {
        let Some(own) = tool(path).filter(|own| *own != "hub") else {
            continue;
        };
        for (name, line) in crate_level_names(&code(text), depth(path)) {
            if name != own && name != "base" && tools.contains(name.as_str()) {
                let why = format!("{own} must not know {name}: move what both need to base");
                complaints.push(Complaint::at(path, line, why));
            }
        }
    }
    complaints
}

/// The tool that a file belongs to; `None` for the crate's own root.
fn tool(path: &str) -> Option<&str> {
    let inner = path.strip_prefix(TOOLS)?;
    let first = inner.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name != "lib").then_some(name)
}

/// How many `super::` lead from a file to the crate's root.
fn depth(path: &str) -> usize {
    let inner = path.strip_prefix(TOOLS).unwrap_or(path);
    inner.split('/').count() - usize::from(inner.ends_with("/mod.rs"))
}

/// Every name that follows `crate::`, or `super::` often enough to mean the same, with its line.
fn crate_level_names(code: &str, depth: usize) -> Vec<(String, usize)> {
    let supers = "super::".repeat(depth);
    let squeezed = code.replace(":: ", "::").replace(" ::", "::");
    let mut names = Vec::new();
    for prefix in ["crate::", supers.as_str()] {
        for (at, _) in squeezed.match_indices(prefix) {
            if squeezed[..at].ends_with(is_word) {
                continue;
            }
            let line = squeezed[..at].matches('\n').count() + 1;
            let rest = squeezed[at + prefix.len()..].trim_start();
            names.extend(first_names(rest).into_iter().map(|name| (name, line)));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::{WIRE_MAY_USE, WIRE_TESTS_MAY_USE, depth};

    #[test]
    fn an_arrow_that_points_up_or_sideways_fires() {
        for (path, name) in [
            ("crates/socket/Cargo.toml", "landline-wire.workspace = true"),
            ("crates/wire/Cargo.toml", "landline-socket.workspace = true"),
            (
                "crates/tools/Cargo.toml",
                "landline = { path = \"../cli\" }",
            ),
            ("crates/cli/Cargo.toml", "landline-wire.workspace = true"),
            ("xtask/Cargo.toml", "landline-socket.workspace = true"),
            ("xtask/Cargo.toml", "x = { package = \"landline-socket\" }"),
        ] {
            let text = sample().text(path).unwrap().to_owned();
            let line = text.lines().count() + 1;
            let tree = sample().with(path, &format!("{text}{name}\n"));
            assert_fires(&tree, "arrows", path, line);
            let tree = sample().with(path, &format!("{text}[dev-dependencies]\n{name}\n"));
            assert_fires(&tree, "arrows", path, line + 1);
        }
    }

    #[test]
    fn the_fuzzer_reaches_both_ground_floors_and_nothing_above() {
        let complaints = |name: &str| {
            let manifest = format!("[dependencies]\n{name} = {{ path = \"../crates/x\" }}\n");
            super::point_down(&sample().with("fuzz/Cargo.toml", &manifest))
        };
        assert_eq!(complaints("landline-socket"), []);
        assert_eq!(complaints("landline-wire"), []);
        assert_eq!(complaints("landline-tools").len(), 1);
    }

    #[test]
    fn an_unknown_crate_fires() {
        let text = sample().text("crates/wire/Cargo.toml").unwrap().to_owned();
        let tree = sample().with("crates/extra/Cargo.toml", &text);
        assert_fires(&tree, "arrows", "crates/extra/Cargo.toml", 0);
    }

    #[test]
    fn what_wire_is_not_known_to_use_fires() {
        const WIRE: &str = "crates/wire/Cargo.toml";
        for name in ["tokio", "rustix", "getrandom", "brand-new", "proptest"] {
            let tree = sample().edited(WIRE, "httparse", name);
            assert_fires(&tree, "wire-light", WIRE, 13);
        }
        let line = sample().text(WIRE).unwrap().lines().count() + 2;
        let with = |section: &str, name: &str| {
            let text = sample().text(WIRE).unwrap().to_owned();
            sample().with(
                WIRE,
                &format!("{text}[{section}]\n{name}.workspace = true\n"),
            )
        };
        for section in [
            "dev-dependencies",
            "build-dependencies",
            "target.'cfg(unix)'.dependencies",
        ] {
            assert_fires(&with(section, "tempfile"), "wire-light", WIRE, line);
        }
        for name in WIRE_MAY_USE.iter().chain(WIRE_TESTS_MAY_USE) {
            assert_eq!(super::wire_is_light(&with("dev-dependencies", name)), []);
        }
    }

    #[test]
    fn a_tool_that_names_another_fires() {
        for (path, line) in [
            ("crates/tools/src/chat/mod.rs", "use crate::http;"),
            (
                "crates/tools/src/chat/room.rs",
                "use crate::{base::{a, b}, http::x};",
            ),
            (
                "crates/tools/src/chat/room.rs",
                "super::super::http::reply()",
            ),
            ("crates/tools/src/chat/mod.rs", "use super::http;"),
            ("crates/tools/src/base/mod.rs", "use crate::hub;"),
        ] {
            let tree = sample().with(path, &format!("//! A tool.\n{line}\n"));
            assert_fires(&tree, "tools-apart", path, 2);
        }
    }

    #[test]
    fn a_tool_may_name_itself_and_base() {
        let tree = sample().with(
            "crates/tools/src/chat/room.rs",
            "//! The room, not crate::http.\nuse crate::{base, chat};\nuse super::http;\n",
        );
        assert_eq!(super::tools_stay_apart(&tree), []);
    }

    #[test]
    fn depths_are_counted() {
        assert_eq!(depth("crates/tools/src/chat/mod.rs"), 1);
        assert_eq!(depth("crates/tools/src/chat/room.rs"), 2);
        assert_eq!(depth("crates/tools/src/chat/web/mod.rs"), 2);
    }
}
