//! The page: one document, its style and its script, all of it within the binary.

use std::sync::LazyLock;

use bytes::Bytes;
use landline_wire::http::condition::{self, Outcome};
use landline_wire::http::{ETag, RequestHead, ResponseHead, Status, Validators};

use crate::http::{Content, Refusal, Reply, escape};

/// A file of the page that is the same for everybody.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

/// The document for one folder: `listing` is what browsers without script show.
pub(super) fn document(room: &str, listing: &str) -> Reply {
    // The listing last, and only into our own text: a room may be called `{{listing}}`.
    let html = match DOCUMENT.split_once("{{listing}}") {
        Some((above, below)) => {
            let named = |part: &str| part.replace("{{room}}", &escape(room));
            named(above) + listing + &named(below)
        }
        None => DOCUMENT.to_owned(),
    };
    let head = ResponseHead::new(Status::OK)
        .with("Content-Type", "text/html; charset=utf-8")
        .with("Cache-Control", "no-cache")
        .with("Vary", "Accept");
    Reply::new(head, Content::Bytes(Bytes::from(html))).page()
}

/// The asset `name`, if there is one: a browser that has it already is told so.
pub(super) fn asset(name: &str, head: &RequestHead) -> Option<Result<Reply, Refusal>> {
    let place = ASSETS.iter().position(|asset| asset.name == name)?;
    let asset = &ASSETS[place];
    let etag = &ETAGS[place];
    let validators = Validators {
        etag: ETag::parse(etag.as_bytes()),
        last_modified: None,
    };
    let describe = |status| {
        ResponseHead::new(status)
            .with("ETag", etag)
            .with("Cache-Control", "no-cache")
    };
    Some(
        match condition::evaluate(head, Some(&validators), UNDATED) {
            Outcome::NotModified => Ok(Reply::empty(describe(Status::NOT_MODIFIED))),
            Outcome::PreconditionFailed => Err(Refusal::new(
                Status::PRECONDITION_FAILED,
                "It is not as you expect it.",
            )),
            Outcome::Proceed => {
                let head = describe(Status::OK).with("Content-Type", asset.media_type);
                Ok(Reply::new(head, Content::Bytes(Bytes::from_static(asset.bytes))).page())
            }
        },
    )
}

/// What each asset is known by, in the order of [`ASSETS`].
static ETAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let etag = |asset: &Asset| format!("\"{}\"", &blake3::hash(asset.bytes).to_hex()[..16]);
    ASSETS.iter().map(etag).collect()
});

/// Assets have no date, so the time of a conditional request does not matter.
const UNDATED: u64 = 0;

const DOCUMENT: &str = include_str!("page/page.html");

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

macro_rules! assets {
    ($($media_type:ident $name:literal),* $(,)?) => {
        &[$(Asset { name: $name, media_type: $media_type, bytes: include_bytes!(concat!("page/", $name)) }),*]
    };
}

const ASSETS: &[Asset] = assets![
    STYLE "chat.css",
    SCRIPT "chat.js",
    SCRIPT "composer.js",
    SCRIPT "dom.js",
    SCRIPT "drop.js",
    SCRIPT "entry.js",
    SCRIPT "files.js",
    SCRIPT "format.js",
    PICTURE "icon.svg",
    STYLE "icons.css",
    SCRIPT "listing.js",
    SCRIPT "members.js",
    SCRIPT "memory.js",
    SCRIPT "message.js",
    STYLE "page.css",
    STYLE "refusal.css",
    SCRIPT "page.js",
    SCRIPT "queue.js",
    SCRIPT "room.js",
    SCRIPT "uploads.js",
    SCRIPT "words.js",
];
