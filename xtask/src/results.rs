//! `bench/RESULTS.md`: a page of sections, each replaced by whoever measures it again.

use std::fs;
use std::path::Path;

pub(crate) const PAGE: &str = "bench/RESULTS.md";

/// Replaces a section of the page, or adds it.
///
/// # Errors
/// If the page cannot be written.
pub(crate) fn keep(root: &Path, title: &str, body: &str) -> Result<(), String> {
    let path = root.join(PAGE);
    let page = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, replace_section(&page, title, body))
        .map_err(|why| format!("cannot write {PAGE}: {why}"))
}

/// The page with the section under `## title` replaced, or added at the end; the rest stays as it is.
fn replace_section(page: &str, title: &str, body: &str) -> String {
    let heading = format!("## {title}");
    let mut before = Vec::new();
    let mut after = Vec::new();
    let mut place = Place::Before;
    for line in page.lines() {
        place = match place {
            Place::Before if line.trim_end() == heading => Place::Within,
            Place::Within if line.starts_with("## ") || line.starts_with("# ") => Place::After,
            place => place,
        };
        match place {
            Place::Before => before.push(line),
            Place::Within => {}
            Place::After => after.push(line),
        }
    }
    let parts = [
        before.join("\n"),
        format!("{heading}\n\n{}", body.trim()),
        after.join("\n"),
    ];
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim_matches('\n'))
        .filter(|part| !part.is_empty())
        .collect();
    format!("{}\n", parts.join("\n\n"))
}

#[derive(Clone, Copy)]
enum Place {
    Before,
    Within,
    After,
}

#[cfg(test)]
mod tests {
    use super::replace_section;

    #[test]
    fn only_its_own_section_changes() {
        let page = "# Results\n\nIntro.\n\n## one\n\nold\n\n### part\n\nold\n\n## two\n\nkept\n";
        assert_eq!(
            replace_section(page, "one", "new\n"),
            "# Results\n\nIntro.\n\n## one\n\nnew\n\n## two\n\nkept\n"
        );
    }

    #[test]
    fn a_section_that_is_not_there_is_added() {
        assert_eq!(
            replace_section("# Results\n", "one", "new"),
            "# Results\n\n## one\n\nnew\n"
        );
        assert_eq!(replace_section("", "one", "new"), "## one\n\nnew\n");
    }

    #[test]
    fn replacing_twice_is_replacing_once() {
        let once = replace_section("# R\n\n## a\n\nx\n\n## b\n\ny\n", "a", "z");
        assert_eq!(replace_section(&once, "a", "z"), once);
    }
}
