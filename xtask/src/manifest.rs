//! As much of TOML as manifests use: sections, keys and the text of their values.

/// A manifest's entries in order.
pub(crate) struct Manifest<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
}

/// One `key = value`; a value over several lines is joined.
pub(crate) struct Entry<'a> {
    /// The last `[section]` before it, empty at the top.
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    pub(crate) value: String,
    /// Counted from 1.
    pub(crate) line: usize,
}

impl<'a> Manifest<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut section = "";
        let mut entries: Vec<Entry<'a>> = Vec::new();
        let mut open = false;
        for (at, line) in text.lines().enumerate() {
            let line = without_comment(line).trim();
            if open {
                if let Some(last) = entries.last_mut() {
                    last.value.push_str(line);
                    open = is_open(&last.value);
                }
            } else if let Some(name) = line.strip_prefix('[') {
                section = name.trim_start_matches('[').trim_end_matches(']').trim();
            } else if let Some((key, value)) = line.split_once('=') {
                open = is_open(value);
                entries.push(Entry {
                    section,
                    key: key.trim(),
                    value: value.trim().to_owned(),
                    line: at + 1,
                });
            }
        }
        Self { entries }
    }

    /// The text of a value, quotes taken off; `None` if it is not there.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.entries
            .iter()
            .find(|entry| entry.section == section && entry.key == key)
            .map(|entry| entry.value.trim_matches('"'))
    }

    /// Every dependency of every kind, with the text of how it is had and its line; the form
    /// `[dependencies.name]` gives one for each of its keys.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.entries.iter().filter_map(Entry::dependency)
    }
}

impl Entry<'_> {
    /// The dependency that it speaks of: name, how it is had, line; `None` if it speaks of something else.
    pub(crate) fn dependency(&self) -> Option<(&str, &str, usize)> {
        let (kind, table) = match self.section.rsplit_once("dependencies") {
            Some((kind, "")) => (kind, None),
            Some((kind, table)) => (kind, table.strip_prefix('.')),
            None => return None,
        };
        if kind.starts_with("workspace") {
            return None;
        }
        let name = table.unwrap_or_else(|| self.key.split('.').next().unwrap_or(self.key));
        Some((name.trim_matches('"'), self.value.as_str(), self.line))
    }
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

fn is_open(value: &str) -> bool {
    value.matches(['[', '{']).count() > value.matches([']', '}']).count()
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    const TEXT: &str = "[package]\nname = \"a\" # \"b\"\nedition.workspace = true\n\n[dependencies]\n\
        tokio = { version = \"1\", features = [\n  \"net\", # why\n] }\nbytes.workspace = true\n\n\
        [target.'cfg(unix)'.dev-dependencies]\nx = \"1\"\n\n[build-dependencies.cc]\nversion = \"1\"\n\n\
        [workspace.dependencies]\ny = \"1\"\n";

    #[test]
    fn values_are_found_by_section_and_key() {
        let manifest = Manifest::parse(TEXT);
        assert_eq!(manifest.get("package", "name"), Some("a"));
        assert_eq!(manifest.get("package", "edition.workspace"), Some("true"));
        assert_eq!(manifest.get("package", "version"), None);
    }

    #[test]
    fn dependencies_of_every_kind_and_form_are_found() {
        let manifest = Manifest::parse(TEXT);
        let found: Vec<_> = manifest.dependencies().collect();
        assert_eq!(
            found,
            [
                ("tokio", "{ version = \"1\", features = [\"net\",] }", 6),
                ("bytes", "true", 9),
                ("x", "\"1\"", 12),
                ("cc", "\"1\"", 15),
            ]
        );
    }
}
