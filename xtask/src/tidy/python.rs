//! Who knows a thing by its name in Python finds it in `socket` by that name, and in one table.

use super::Complaint;
use super::source::{code, is_word};
use super::tree::Tree;

/// A row for every public name of Python's modules; a test of `socket` asks Python whether all are there.
pub(crate) const TABLE: &str = "docs/python-parity.md";

/// What is ours in a row exists, and rustdoc's search finds it by Python's name: an item's own, or its alias.
pub(crate) fn names_are_found(tree: &Tree) -> Vec<Complaint> {
    let Some(table) = tree.text(TABLE) else {
        return vec![Complaint::at(
            TABLE,
            0,
            "the table of Python's names is missing",
        )];
    };
    let sources: Vec<(&str, String)> = tree
        .rust()
        .filter(|(path, _)| path.starts_with("crates/socket/src/"))
        .map(|(_, text)| (text, code(text)))
        .collect();
    let is_declared = |name: &str| {
        let mut lines = sources.iter().flat_map(|(_, code)| code.lines());
        lines.any(|line| declares(line, name))
    };
    let is_alias = |name: &str| {
        let literal = format!("\"{name}\"");
        sources.iter().any(|(text, _)| text.contains(&literal))
    };
    let mut complaints = Vec::new();
    for (line, row) in rows(table) {
        let complain = |why: String| Complaint::at(TABLE, line, why);
        let Some(row) = row else {
            complaints.push(complain(
                "not `name`, what it is here, and how alike".to_owned(),
            ));
            continue;
        };
        let Some(ours) = row.ours.filter(|ours| !ours.starts_with("std::")) else {
            continue;
        };
        let last = ours.rsplit("::").next().unwrap_or(ours);
        if !is_declared(last) {
            complaints.push(complain(format!("there is no {ours}")));
        }
        if !is_alias(row.python) && !is_declared(row.python) {
            let alias = format!("#[doc(alias = \"{}\")]", row.python);
            complaints.push(complain(format!("{ours} is not found by it: {alias}")));
        }
    }
    complaints
}

struct Row<'a> {
    python: &'a str,
    /// `None` where it is absent.
    ours: Option<&'a str>,
}

/// Each row with its line; `None` for one that is no row.
fn rows(table: &str) -> impl Iterator<Item = (usize, Option<Row<'_>>)> {
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| Python |");
    let lines = table.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines
        .filter(move |(_, line)| is_row(line))
        .map(|(at, line)| (at, row(line)))
}

fn row(line: &str) -> Option<Row<'_>> {
    let cells: Vec<_> = line.trim_matches('|').splitn(3, " | ").collect();
    let [python, ours, alike] = cells[..] else {
        return None;
    };
    let quoted = |cell: &'_ str| -> Option<&str> {
        let start = line.find(cell)? + cell.find('`')? + 1;
        line[start..].split('`').next()
    };
    let ours = ours.contains('`').then(|| quoted(ours));
    let is_whole = match (ours, alike.trim().split_once(": ")) {
        (Some(_), None) => alike.trim() == "same",
        (Some(_), Some((word, why))) => word == "differs" && !why.is_empty(),
        (None, Some((word, why))) => word == "absent" && !why.is_empty(),
        (None, None) => false,
    };
    let python = quoted(python)?;
    is_whole.then_some(Row {
        python,
        ours: ours.flatten(),
    })
}

/// Whether a line of code makes an item, a field or a variant of this name.
fn declares(line: &str, name: &str) -> bool {
    const KEYWORDS: [&str; 10] = [
        "pub ", "const ", "async ", "fn ", "struct ", "enum ", "trait ", "type ", "static ", "mod ",
    ];
    let mut rest = line.trim_start();
    let mut is_item = name.starts_with(char::is_uppercase);
    while let Some(after) = KEYWORDS.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = after;
        is_item = true;
    }
    let after = rest.strip_prefix(name);
    is_item && after.is_some_and(|after| !after.starts_with(is_word))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::TABLE;

    const SOCKET: &str = "crates/socket/src/socket.rs";

    #[test]
    fn an_alias_that_is_lost_fires() {
        let alias = "#[doc(alias = \"getsockname\")]\n";
        assert_fires(
            &sample().edited(SOCKET, alias, ""),
            "python-names",
            TABLE,
            4,
        );
    }

    #[test]
    fn an_item_that_is_gone_fires() {
        let tree = sample().edited(SOCKET, "local_address", "address");
        assert_fires(&tree, "python-names", TABLE, 4);
        // Its own name is a find as well.
        let tree = sample().edited(SOCKET, "pub fn bind", "fn bound");
        let found = super::names_are_found(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_row_that_says_too_little_fires() {
        for wrong in [
            "| `x` | – | same |",
            "| `x` | `Socket::bind` | differs |",
            "| `x` |",
        ] {
            let tree = sample().edited(TABLE, "| `CAPI` | – | absent: it is C's |", wrong);
            assert_fires(&tree, "python-names", TABLE, 6);
        }
        let tree = sample().without(TABLE);
        assert_fires(&tree, "python-names", TABLE, 0);
    }
}
