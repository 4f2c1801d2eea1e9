//! Every path that our pages name is there, and every folder of source is on the map.
//!
//! A path is text in backticks with a `/` in it, of letters, digits and `._-` (and `{a,b}` for
//! several), that does not start with `/`; or the target of a link. It is looked for from the root
//! and from `crates/`; with a final `/` it must be a folder. Media types and `HTTP/1.1` are not
//! paths, and fenced blocks are examples.

use std::collections::BTreeSet;

use super::Complaint;
use super::tree::Tree;

const MAPS: &[&str] = &[
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "README.zh-CN.md",
    "SECURITY.md",
];

/// Names that have a `/` and are no paths.
const NOT_PATHS: &[&str] = &["HTTP/", "application/", "image/", "text/"];

/// The maps name what is there.
pub(crate) fn name_what_is_there(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for map in MAPS {
        let text = tree.text(map).unwrap_or_default();
        let mut fenced = false;
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                complaints.extend(
                    named(line)
                        .into_iter()
                        .filter(|path| !is_there(tree, path))
                        .map(|path| Complaint::at(map, at + 1, format!("{path} is not there"))),
                );
            }
        }
    }
    complaints
}

/// ARCHITECTURE.md, the code map, names every folder of source.
pub(crate) fn name_every_folder(tree: &Tree) -> Vec<Complaint> {
    const MAP: &str = "ARCHITECTURE.md";
    let Some(map) = tree.text(MAP) else {
        return Vec::new();
    };
    let mapped: BTreeSet<String> = map.lines().flat_map(named).collect();
    let folders: BTreeSet<&str> = tree
        .files()
        .filter(|(path, _)| path.starts_with("crates/") || path.starts_with("xtask/"))
        .filter_map(|(path, _)| path.rsplit_once('/'))
        .filter(|(folder, _)| folder.contains("/src/"))
        .map(|(folder, _)| folder)
        .collect();
    folders
        .into_iter()
        .filter(|folder| {
            let short = folder.strip_prefix("crates/").unwrap_or(folder);
            ![folder, short]
                .iter()
                .any(|path| mapped.contains(&format!("{path}/")))
        })
        .map(|folder| Complaint::at(MAP, 0, format!("{folder}/ has no place on the map")))
        .collect()
}

fn is_there(tree: &Tree, path: &str) -> bool {
    tree.has(path) || tree.has(&format!("crates/{path}"))
}

/// The paths that a line names.
fn named(line: &str) -> Vec<String> {
    let quoted = line.split('`').skip(1).step_by(2);
    let linked = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#', ' ']).next())
        .chain(attribute(line, "src=\""))
        .chain(attribute(line, "href=\""))
        .filter(|target| !target.is_empty() && !target.contains(':'));
    quoted
        .filter(|text| is_path(text))
        .flat_map(spread)
        .chain(linked.map(str::to_owned))
        .collect()
}

/// The values of an HTML attribute: pages show images in sizes that only HTML can say.
fn attribute<'a>(line: &'a str, opening: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(opening)
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#']).next())
}

fn is_path(text: &str) -> bool {
    text.contains('/')
        && !text.starts_with(['/', '-'])
        && !NOT_PATHS.iter().any(|prefix| text.starts_with(prefix))
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-{},".contains(c))
}

/// `a/{b,c}/d` is `a/b/d` and `a/c/d`.
fn spread(path: &str) -> Vec<String> {
    match path.split_once('{').zip(path.split_once('}')) {
        Some(((before, rest), (_, after))) => rest
            .split('}')
            .next()
            .unwrap_or_default()
            .split(',')
            .map(|name| format!("{before}{name}{after}"))
            .collect(),
        None => vec![path.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::{MAPS, named};

    #[test]
    fn a_stale_path_in_any_map_fires() {
        for map in MAPS {
            for stale in [
                "`crates/gone/`",
                "`socket/src/gone.rs`",
                "`crates/tools/src/{chat,gone}/`",
                "`crates/socket/src/lib.rs/`",
                "[it](docs/gone.md)",
                "![it](gone.png)",
                "<img src=\"gone.png\" width=\"300\">",
            ] {
                let text = sample().text(map).unwrap().to_owned();
                let tree = sample().with(map, &format!("{text}See {stale}.\n"));
                assert_fires(&tree, "maps", map, text.lines().count() + 1);
            }
        }
    }

    #[test]
    fn a_folder_that_is_not_on_the_map_fires() {
        let tree = sample().with("crates/wire/src/ftp/reply.rs", "//! FTP.\n");
        assert_fires(&tree, "map-complete", "ARCHITECTURE.md", 0);
    }

    #[test]
    fn what_is_no_path_is_not_looked_for() {
        for line in [
            "`/.landline/` `text/html` `HTTP/1.1` `unix:/run/x` `a/b c` `<dir>/x` `a/*` `x::y` a/b",
            "[out](https://example.org/a) [here](#part) <a href=\"https://example.org/\">",
        ] {
            assert_eq!(named(line), Vec::<String>::new(), "{line}");
        }
        assert_eq!(named("`a/{b,c}/d` [x](e.md#f)"), ["a/b/d", "a/c/d", "e.md"]);
    }
}
