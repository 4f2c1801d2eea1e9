//! A folder as an answer: JSON for programs, plain HTML for browsers without script.

use landline_wire::name::{RelativeName, segment_href};
use serde::Serialize;

use super::html::escape;
use crate::base::root::{self, Entry, Folder, Root};
use crate::base::{Size, printable_bytes};

/// A folder and what is in it, as it was when it was read.
#[derive(Serialize)]
pub struct Listing {
    path: String,
    writable: bool,
    /// There are more entries than a listing may have.
    cut: bool,
    entries: Vec<Line>,
}

/// One entry of a [`Listing`].
#[derive(Serialize)]
pub struct Line {
    /// Its name, made printable: what it is asked for by is `href`.
    pub name: String,
    /// The last part of its address, with a final slash for a folder.
    pub href: String,
    kind: &'static str,
    /// Bytes; folders have none.
    pub size: Option<u64>,
    modified: u64,
}

impl Listing {
    /// Reads `folder`, at most `limit` entries of it; blocks as the disk does.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(
        root: &Root,
        folder: &Folder,
        writable: bool,
        limit: usize,
    ) -> Result<Self, root::Error> {
        let (entries, cut) = folder.entries(root, limit)?;
        let path = shown_path(folder.name());
        Ok(Self {
            path,
            writable,
            cut,
            entries: entries.iter().map(Line::of).collect(),
        })
    }

    /// Whether the folder holds more than is listed.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Its entries, in no order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.entries
    }

    /// A plain list of links, folders first, for browsers that run no script.
    #[must_use]
    pub fn html(&self) -> String {
        let mut lines: Vec<&Line> = self.entries.iter().collect();
        lines.sort_by_key(|line| (line.size.is_some(), line.name.to_lowercase()));
        let mut html = String::from("<ul>\n");
        if !self.path.is_empty() {
            html += "<li><a href=\"../\">../</a>\n";
        }
        for line in lines {
            let size = line
                .size
                .map_or(String::new(), |size| format!(" ({})", Size(size)));
            html += &format!(
                "<li><a href=\"./{}\">{}</a>{size}\n",
                escape(&line.href),
                escape(&line.name)
            );
        }
        if self.cut {
            html += "<li>… more with script, or with Accept: application/json\n";
        }
        html + "</ul>\n"
    }
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let slash = if entry.is_folder { "/" } else { "" };
        Self {
            name: printable_bytes(&entry.name),
            href: segment_href(&entry.name) + slash,
            kind: if entry.is_folder { "folder" } else { "file" },
            size: (!entry.is_folder).then_some(entry.facts.size),
            modified: entry.facts.modified,
        }
    }
}

/// How a folder is called among people: `docs/`, and nothing for the root.
#[must_use]
pub fn shown_path(name: &RelativeName) -> String {
    if name.is_root() {
        String::new()
    } else {
        printable_bytes(name.as_bytes()) + "/"
    }
}
