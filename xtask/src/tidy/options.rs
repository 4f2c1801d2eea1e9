//! The pages for newcomers list every option there is.

use super::Complaint;
use super::source::{code, has_word};
use super::tree::Tree;

const DEFINITIONS: &str = "crates/cli/src/args/";
const UP_PAGES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const ECHO_PAGES: [&str; 2] = ["docs/echo.md", "docs/echo.zh-CN.md"];
const TALK_PAGES: [&str; 2] = ["docs/talk.md", "docs/talk.zh-CN.md"];

/// Every `long` option of a verb's definition stands in its two pages: `up`'s in the READMEs.
pub(crate) fn are_listed(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, definition) in tree.files() {
        let Some(file) = path.strip_prefix(DEFINITIONS) else {
            continue;
        };
        let pages = match file {
            "up.rs" => UP_PAGES,
            "echo.rs" => ECHO_PAGES,
            _ => TALK_PAGES,
        };
        for page in pages {
            let text = tree.text(page).unwrap_or_default();
            let missing = options(definition).into_iter().filter(|option| {
                // In backticks, alone or with its value.
                !["`", " ", "[", "="]
                    .iter()
                    .any(|end| text.contains(&format!("`{option}{end}")))
            });
            complaints.extend(
                missing.map(|option| Complaint::at(page, 0, format!("does not list `{option}`"))),
            );
        }
    }
    complaints
}

/// The options of clap's derive: fields whose `#[arg(…)]` has `long`, with `-` for `_`.
fn options(definition: &str) -> Vec<String> {
    let code = code(definition);
    code.split("#[arg(")
        .skip(1)
        .filter_map(|rest| {
            let (attribute, field) = rest.split_once(")]")?;
            let (name, _) = field.split_once(':')?;
            let name = name.split_whitespace().next_back()?;
            has_word(attribute, "long").then(|| format!("--{}", name.replace('_', "-")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_fires, sample};
    use super::{DEFINITIONS, ECHO_PAGES, TALK_PAGES, UP_PAGES, options};

    const DEFINITION: &str = "//! Arguments.\nstruct A {\n    /// Not --this\n    \
        #[arg(long, short,\n        env = \"X\")]\n    pub(crate) no_key: bool,\n    \
        #[arg(value_name = \"long\")]\n    folder: PathBuf,\n}\n";

    #[test]
    fn options_are_read_from_the_definition() {
        assert_eq!(options(DEFINITION), ["--no-key"]);
    }

    #[test]
    fn an_option_that_a_page_leaves_out_fires() {
        for (file, pages) in [
            ("up.rs", UP_PAGES),
            ("echo.rs", ECHO_PAGES),
            ("talk.rs", TALK_PAGES),
        ] {
            for page in pages {
                let path = format!("{DEFINITIONS}{file}");
                let mut tree = sample().with(&path, DEFINITION);
                for other in pages {
                    tree = tree.with(other, if other == page { "\n" } else { "`--no-key`\n" });
                }
                assert_fires(&tree, "options", page, 0);
            }
        }
    }
}
