//! A refusal: why a request is not granted, told as the client can read it.

use std::io;

use bytes::Bytes;
use landline_wire::http::accept::{self, Wanted};
use landline_wire::http::{Fault, RequestHead, ResponseHead, Status};
use landline_wire::name::NameError;
use rustix::io::Errno;

use super::html::escape;
use super::reply::{Content, Reply};
use crate::base::root;

/// Why a request is not granted. It is an `Err`, so nothing after it runs.
#[derive(Debug)]
pub struct Refusal {
    head: ResponseHead,
    detail: String,
    asks_for_key: bool,
}

impl Refusal {
    /// A refusal with a sentence for a person.
    pub fn new(status: Status, detail: impl Into<String>) -> Self {
        Self {
            head: ResponseHead::new(status),
            detail: detail.into(),
            asks_for_key: false,
        }
    }

    /// Another field of the answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.head.add(name, value);
        self
    }

    /// The page then has a field for the key.
    #[must_use]
    pub(super) fn asking_for_key(mut self) -> Self {
        self.asks_for_key = true;
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
            Wanted::Html => ("text/html; charset=utf-8", self.page(head)),
            Wanted::Json => ("application/json", self.json()),
            Wanted::Text => (
                "text/plain; charset=utf-8",
                format!("{} {}: {}\n", status.code(), status.reason(), self.detail),
            ),
        };
        self.head.add("Content-Type", media_type);
        self.head.add("Vary", "Accept, Accept-Language");
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

    fn page(&self, head: Option<&RequestHead>) -> String {
        let status = self.head.status();
        let words = Words::of(status, &self.detail, head.is_some_and(prefers_chinese));
        let way = match self.asks_for_key {
            true => format!(
                "<form action=\"/\" method=\"get\">\n<label for=\"key\">{}</label>\n\
                 <input id=\"key\" name=\"key\" type=\"password\" autocomplete=\"off\" required autofocus>\n\
                 <button>{}</button>\n</form>\n",
                words.key, words.enter
            ),
            false => format!("<p class=\"way\"><a href=\"/\">{}</a></p>\n", words.back),
        };
        format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<link rel=\"icon\" href=\"/.landline/icon.svg\" type=\"image/svg+xml\">\n\
             <link rel=\"stylesheet\" href=\"/.landline/refusal.css\">\n\
             <main>\n<img src=\"/.landline/icon.svg\" alt=\"\">\n<h1>{title}</h1>\n\
             <p>{detail}</p>\n{way}</main>\n</html>\n",
            language = words.language,
            title = words.title,
            detail = escape(words.detail),
        )
    }
}

/// The words of a refusal's page in the visitor's language.
struct Words<'w> {
    language: &'static str,
    title: &'static str,
    detail: &'w str,
    key: &'static str,
    enter: &'static str,
    back: &'static str,
}

impl<'w> Words<'w> {
    fn of(status: Status, detail: &'w str, is_chinese: bool) -> Self {
        if is_chinese && let Some((title, detail)) = in_chinese(status) {
            return Self {
                language: "zh-CN",
                title,
                detail,
                key: "密钥",
                enter: "进入",
                back: "回到房间",
            };
        }
        Self {
            language: "en",
            title: match status {
                Status::UNAUTHORIZED => "This room has a key",
                status => status.reason(),
            },
            detail,
            key: "Key",
            enter: "Enter",
            back: "To the room",
        }
    }
}

/// What a visitor without a link, or with an old one, meets; what only programs meet stays English.
fn in_chinese(status: Status) -> Option<(&'static str, &'static str)> {
    Some(match status {
        Status::UNAUTHORIZED => (
            "这个房间有密钥",
            "密钥在房主看到的地址里；若密钥不对，请向房主要新的链接。",
        ),
        Status::FORBIDDEN => ("不允许", "这里不允许这样做，或请求来自另一个网站的页面。"),
        Status::NOT_FOUND => ("没有找到", "这里没有这样的文件或文件夹。"),
        Status::MISDIRECTED_REQUEST => (
            "地址不对",
            "这台机器不叫这个名字；房主可以用 --allow-host 允许它。",
        ),
        Status::SERVICE_UNAVAILABLE => ("正忙", "请稍后再试。"),
        _ => return None,
    })
}

/// Whether the visitor's first language is Chinese.
fn prefers_chinese(head: &RequestHead) -> bool {
    let first = head.headers().list("accept-language").next();
    first.is_some_and(|language| {
        language
            .get(..2)
            .is_some_and(|tag| tag.eq_ignore_ascii_case(b"zh"))
    })
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

fn is_shortage(error: &io::Error) -> bool {
    let shortages = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
    error
        .raw_os_error()
        .is_some_and(|code| shortages.contains(&code))
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
            // Each connection may hold two descriptors, but others of this process hold some too.
            root::Error::Io(error) if is_shortage(&error) => {
                let detail = "Too much is open here just now; try again soon.";
                Self::new(Status::SERVICE_UNAVAILABLE, detail).with("Retry-After", "1")
            }
            // What the system said may name paths of this machine: that is for the owner's eyes.
            root::Error::Io(_) => Self::new(
                Status::INTERNAL_SERVER_ERROR,
                "The file could not be read or written.",
            ),
        }
    }
}
