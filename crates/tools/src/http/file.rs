//! A file as an answer: validators, conditions, ranges, a type that is safe in a browser.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use landline_wire::http::condition::{self, Outcome};
use landline_wire::http::disposition::content_disposition;
use landline_wire::http::range::{self, Selection};
use landline_wire::http::{
    Disposition, ETag, FixDate, Multipart, RequestHead, ResponseHead, Status, Validators,
};

use super::Refusal;
use super::media::Media;
use super::reply::{Content, Part, Reply};
use crate::base::clock;
use crate::base::root::Facts;

/// What identifies one state of a file: its size, its inode, and when it was last written, to the file
/// system's clock tick.
#[derive(PartialEq)]
pub(super) struct Validator {
    etag: String,
    modified: u64,
}

impl Validator {
    pub(super) fn of(facts: &Facts) -> Self {
        let Facts {
            size,
            modified,
            modified_nanos,
            inode,
        } = facts;
        Self {
            etag: format!("\"{modified:x}.{modified_nanos:x}-{size:x}-{inode:x}\""),
            modified: *modified,
        }
    }

    pub(super) fn as_validators(&self) -> Validators<'_> {
        Validators {
            etag: ETag::parse(self.etag.as_bytes()),
            last_modified: Some(self.modified),
        }
    }

    pub(super) fn describe(&self, head: &mut ResponseHead) {
        head.add("ETag", &self.etag);
        head.add("Last-Modified", FixDate::new(self.modified));
    }
}

/// The answer to a GET or HEAD of a file called `name`.
///
/// # Errors
/// 412 where a precondition fails, 416 where no range can be satisfied.
pub(super) fn answer(
    head: &RequestHead,
    name: &[u8],
    file: File,
    facts: Facts,
) -> Result<Reply, Refusal> {
    let validator = Validator::of(&facts);
    let validators = validator.as_validators();
    let media = Media::of(name);
    let mut out = match condition::evaluate(head, Some(&validators), clock::seconds()) {
        Outcome::PreconditionFailed => {
            return Err(Refusal::new(
                Status::PRECONDITION_FAILED,
                "The file is not as you expect it.",
            ));
        }
        Outcome::NotModified => {
            let mut out = ResponseHead::new(Status::NOT_MODIFIED);
            validator.describe(&mut out);
            describe_use(&mut out, head, name, &media);
            return Ok(Reply::empty(out));
        }
        Outcome::Proceed => ResponseHead::new(Status::OK),
    };
    let selection = range::select(head, &validators, facts.size, clock::seconds());
    if !matches!(selection, Selection::Whole | Selection::Unsatisfiable) {
        out = ResponseHead::new(Status::PARTIAL_CONTENT);
    }
    out.add("Accept-Ranges", "bytes");
    out.add("Cache-Control", "no-cache");
    validator.describe(&mut out);
    describe_use(&mut out, head, name, &media);
    let file = Arc::new(file);
    let mut ends = true;
    let content = match selection {
        Selection::Whole => Content::File(file, 0, facts.size),
        Selection::One(range) => {
            ends = range.last + 1 == facts.size;
            out.add("Content-Range", range.content_range(facts.size));
            Content::File(file, range.first, range.size_bytes())
        }
        Selection::Many(ranges) => {
            let multipart = Multipart::new(&boundary()?, &media.content_type, &ranges, facts.size);
            out.add("Content-Type", multipart.content_type());
            return Ok(Reply::new(out, Content::Parts(parts(&multipart, &file))));
        }
        Selection::Unsatisfiable => {
            return Err(
                Refusal::new(Status::RANGE_NOT_SATISFIABLE, "The file has no such range.").with(
                    "Content-Range",
                    range::unsatisfied_content_range(facts.size),
                ),
            );
        }
    };
    out.add("Content-Type", &media.content_type);
    let reply = Reply::new(out, content);
    Ok(if ends { reply.completing() } else { reply })
}

/// Whether a browser shows it or saves it, and in what surroundings.
fn describe_use(out: &mut ResponseHead, head: &RequestHead, name: &[u8], media: &Media) {
    let save = media.is_active || head.query_value("download").is_some();
    let disposition = if save {
        Disposition::Attachment
    } else {
        Disposition::Inline
    };
    out.add(
        "Content-Disposition",
        content_disposition(disposition, name),
    );
    if media.has_own_viewer {
        // The browser's PDF viewer does not start in a sandbox; it has an origin of its own.
        out.add("Content-Security-Policy", "frame-ancestors 'none'");
    }
}

fn parts(multipart: &Multipart, file: &Arc<File>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (head, range) in multipart.parts() {
        parts.push(Part::Bytes(Bytes::copy_from_slice(head.as_bytes())));
        parts.push(Part::File(
            Arc::clone(file),
            range.first,
            range.size_bytes(),
        ));
    }
    parts.push(Part::Bytes(Bytes::copy_from_slice(
        multipart.end().as_bytes(),
    )));
    parts
}

/// Random, so that no file can contain it on purpose.
fn boundary() -> Result<String, Refusal> {
    let random = getrandom::u64().map_err(|_| {
        Refusal::new(
            Status::INTERNAL_SERVER_ERROR,
            "There are no random numbers.",
        )
    })?;
    Ok(format!("landline-{random:016x}"))
}
