//! A request's line in a log: the combined format that every log reader knows.

use landline_wire::http::{FixDate, Headers, Version};

use super::Record;
use crate::base::printable_bytes;

impl Record<'_> {
    /// The line, without its end; `now` is in seconds since 1970.
    ///
    /// The query is left out: it may hold the key.
    #[must_use]
    pub fn combined(&self, now: u64) -> String {
        let peer = self
            .peer
            .ip()
            .map_or_else(|| "unix".to_owned(), |ip| ip.to_string());
        let (request, referrer, agent) = match self.head {
            Some(head) => {
                let version = if head.version() == Version::Http11 {
                    "HTTP/1.1"
                } else {
                    "HTTP/1.0"
                };
                let request = format!("{} {} {version}", head.method_text(), head.path());
                (
                    quoted(request.as_bytes()),
                    field(head.headers(), "referer"),
                    field(head.headers(), "user-agent"),
                )
            }
            None => ("-".to_owned(), "-".to_owned(), "-".to_owned()),
        };
        let (status, sent) = (self.status.code(), self.sent);
        // `Sun, 06 Nov 1994 08:49:37 GMT` holds all that `06/Nov/1994:08:49:37 +0000` is made of.
        let date = FixDate::new(now);
        let date = date.as_str();
        let time = format!(
            "{}/{}/{}:{} +0000",
            &date[5..7],
            &date[8..11],
            &date[12..16],
            &date[17..25]
        );
        format!("{peer} - - [{time}] \"{request}\" {status} {sent} \"{referrer}\" \"{agent}\"")
    }
}

fn field(headers: &Headers, name: &str) -> String {
    headers
        .all(name)
        .next()
        .map_or_else(|| "-".to_owned(), quoted)
}

/// Text that cannot end the quotes around it, nor the line.
fn quoted(bytes: &[u8]) -> String {
    printable_bytes(bytes)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
}
