//! Which media type a file is served as, and what a browser may do with it.

use mime_guess::mime;

/// What a file's name says of its content.
pub(super) struct Media {
    /// The value of `Content-Type`.
    pub(super) content_type: String,
    /// Whether a browser would run what is in it: such a file is only ever saved.
    pub(super) is_active: bool,
    /// Whether the browser's own viewer needs to be left out of the sandbox, as for PDF.
    pub(super) has_own_viewer: bool,
}

impl Media {
    pub(super) fn of(name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        let guess = match name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase())
            .as_deref()
        {
            // mime_guess has video/mp2t and text/x-… for what people write by hand every day.
            Some(
                "ts" | "tsx" | "rs" | "toml" | "lock" | "log" | "md" | "conf" | "ini" | "yml"
                | "yaml" | "sh" | "py" | "go" | "c" | "h",
            ) => mime::TEXT_PLAIN,
            Some(ending) => mime_guess::from_ext(ending).first_or_octet_stream(),
            None => mime::APPLICATION_OCTET_STREAM,
        };
        let suffix = guess.suffix().map(|suffix| suffix.as_str());
        let is_active = guess.subtype() == mime::HTML
            || guess.subtype() == mime::XML
            || suffix == Some("xml")
            || matches!(
                guess.essence_str(),
                "message/rfc822" | "multipart/related" | "text/cache-manifest"
            );
        let is_text = guess.type_() == mime::TEXT || guess.essence_str() == "application/json";
        Self {
            content_type: if is_text {
                format!("{}; charset=utf-8", guess.essence_str())
            } else {
                guess.to_string()
            },
            is_active,
            has_own_viewer: guess.essence_str() == "application/pdf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Media;

    #[test]
    fn what_a_browser_would_run_is_active() {
        for name in [
            "a.html", "a.HTM", "a.svg", "a.xhtml", "a.xml", "a.xsl", "a.mhtml", "a.rss", "a.svgz",
        ] {
            assert!(
                Media::of(name.as_bytes()).is_active,
                "{name}: {}",
                Media::of(name.as_bytes()).content_type
            );
        }
        for name in [
            "a.txt",
            "a.png",
            "a.pdf",
            "a.js",
            "a",
            "a.zip",
            ".html-notes",
        ] {
            assert!(!Media::of(name.as_bytes()).is_active, "{name}");
        }
    }

    #[test]
    fn text_says_its_encoding() {
        assert_eq!(
            Media::of(b"notes.TXT").content_type,
            "text/plain; charset=utf-8"
        );
        assert_eq!(
            Media::of(b"main.rs").content_type,
            "text/plain; charset=utf-8"
        );
        assert_eq!(Media::of(b"a.png").content_type, "image/png");
        assert_eq!(
            Media::of(b"no-ending").content_type,
            "application/octet-stream"
        );
    }
}
