//! The repository as tidy sees it: every file's path, and the text of those that people write.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Paths relative to the root, with `/`; a file that is not text has none.
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

/// What is built or kept by a tool; folders, from the root.
const NOT_OURS: &[&str] = &[".git", "target", "fuzz/target", "fuzz/corpus"];

const TEXT: &[&str] = &[
    "rs",
    "toml",
    "lock",
    "md",
    "js",
    "css",
    "html",
    "svg",
    "sh",
    "py",
    "run",
    "gitignore",
];

impl Tree {
    /// Reads the tree under a folder.
    ///
    /// # Errors
    /// If a folder or a text file cannot be read.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self {
            files: BTreeMap::new(),
        };
        tree.walk(root, "")?;
        Ok(tree)
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() && !NOT_OURS.contains(&path.as_str()) {
                self.walk(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() {
                let text = if is_text(&path) {
                    String::from_utf8_lossy(&fs::read(entry.path())?).into_owned()
                } else {
                    String::new()
                };
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// Every file with its text.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The Rust files with their text.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs"))
    }

    /// The text of a file; `None` if it is not there.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether a file or a folder is there; with a final `/`, only a folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }
}

fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit('.').next().unwrap_or(name);
    TEXT.contains(&extension)
}

#[cfg(test)]
impl Tree {
    /// A tree of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    /// The tree with one file put in place.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// The tree without a file.
    pub(crate) fn without(mut self, path: &str) -> Self {
        assert!(self.files.remove(path).is_some(), "{path} is not there");
        self
    }

    /// The tree with a piece of a file's text replaced.
    #[track_caller]
    pub(crate) fn edited(mut self, path: &str, old: &str, new: &str) -> Self {
        let text = self.files.get_mut(path).expect("the file is there");
        assert!(text.contains(old), "{path} has no {old:?}");
        *text = text.replace(old, new);
        self
    }
}
