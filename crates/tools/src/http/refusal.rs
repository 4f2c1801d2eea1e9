//! A refusal: why a request is not granted, told as the client can read it.

use std::io;

use bytes::Bytes;
use landline_wire::http::accept::{self, Wanted};
use landline_wire::http::{Fault, RequestHead, ResponseHead, Status};
use landline_wire::name::NameError;

use super::html::escape;
use super::reply::{Content, Reply};
use crate::base::root;

/// Why a request is not granted. It is an `Err`, so nothing after it runs.
#[derive(Debug)]
pub struct Refusal {
    head: ResponseHead,
    detail: String,
    offer: Option<&'static str>,
}

impl Refusal {
    /// A refusal with a sentence for a person.
    pub fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            head: ResponseHead::new(status),
            detail: detail.into(),
            offer: None,
        }
    }

    /// Another field of the answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.head.add(name, value);
        self
    }

    /// HTML of ours that the page shows below the sentence, such as a form.
    #[must_use]
    pub fn offering(mut self, html: &'static str) -> Self {
        self.offer = Some(html);
        self
    }

    /// The answer: a small page, JSON, or one line of text, as `head` asks.
    #[must_use]
    pub fn into_reply(mut self, head: Option<&RequestHead>) -> Reply {
        let wanted = head.map_or(Wanted::Text, |head| {
            accept::wanted(head.headers(), Wanted::Text)
        });
        let status = self.head.status();
        let (media_type, body) = match wanted {
            Wanted::Html => ("text/html; charset=utf-8", self.page()),
            Wanted::Json => ("application/json", self.json()),
            Wanted::Text => (
                "text/plain; charset=utf-8",
                format!("{} {}: {}\n", status.code(), status.reason(), self.detail),
            ),
        };
        self.head.add("Content-Type", media_type);
        self.head.add("Vary", "Accept");
        self.head.add("Cache-Control", "no-store");
        Reply::new(self.head, Content::Bytes(Bytes::from(body))).page()
    }

    fn json(&self) -> String {
        let status = self.head.status();
        serde_json::json!({ "error": {
            "status": status.code(), "title": status.reason(), "detail": self.detail,
        }})
        .to_string()
            + "\n"
    }

    fn page(&self) -> String {
        let status = self.head.status();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{reason}</title>\n<link rel=\"stylesheet\" href=\"/.landline/page.css\">\n\
             <body class=\"refusal\">\n<main>\n<p class=\"code\">{code}</p>\n<h1>{reason}</h1>\n\
             <p>{detail}</p>\n{offer}</main>\n</body>\n</html>\n",
            code = status.code(),
            reason = status.reason(),
            detail = escape(&self.detail),
            offer = self
                .offer
                .unwrap_or("<p><a href=\"/\">To the room</a></p>\n"),
        )
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::new(fault.status, fault.detail)
    }
}

impl From<NameError> for Refusal {
    /// A name that could escape names nothing: 404, as for anything else that is not there.
    fn from(error: NameError) -> Self {
        Self::new(Status::NOT_FOUND, error.to_string())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        root::Error::from(error).into()
    }
}

impl From<root::Error> for Refusal {
    fn from(error: root::Error) -> Self {
        match error {
            root::Error::Absent => {
                Self::new(Status::NOT_FOUND, "There is no such file or folder here.")
            }
            root::Error::Forbidden => {
                Self::new(Status::FORBIDDEN, "The system does not allow this.")
            }
            root::Error::Taken => {
                Self::new(Status::CONFLICT, "There is already something of that name.")
            }
            root::Error::Full => Self::new(Status::INSUFFICIENT_STORAGE, "The disk is full."),
            // What the system said may name paths of this machine: that is for the owner's eyes.
            root::Error::Io(_) => Self::new(
                Status::INTERNAL_SERVER_ERROR,
                "The file could not be read or written.",
            ),
        }
    }
}
