//! A folder as one archive, made while it is sent: memory grows with the number of its names, for the
//! directory at the archive's end, and not with what is in them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

use bytes::Bytes;
use landline_socket::Address;
use landline_socket::server::{Door, Limits, Permit};
use landline_wire::http::disposition::content_disposition;
use landline_wire::http::{Disposition, ResponseHead, Status, date};
use landline_wire::name::{RelativeName, segment_href};
use tokio::sync::mpsc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Refusal;
use super::reply::{Content, Reply};
use crate::base::root::{Facts, Folder, Opened, Root};

/// Makes archives, a bounded number at a time: each holds a thread while it is sent.
#[derive(Debug)]
pub(super) struct Archivist {
    door: Arc<Door>,
}

impl Default for Archivist {
    fn default() -> Self {
        let door = Door::new(Limits {
            total: ARCHIVES_AT_ONCE,
            per_source: ARCHIVES_PER_SOURCE,
            ..Limits::default()
        });
        Self { door }
    }
}

impl Archivist {
    /// The answer that streams `folder` with everything in it as a ZIP archive, uncompressed:
    /// what people share is mostly compressed already, and the line is faster than the compressor.
    ///
    /// # Errors
    /// 503 while too many archives are being made, in all or for `peer`.
    pub(super) fn answer(
        &self,
        root: &Arc<Root>,
        folder: Folder,
        title: &str,
        peer: &Address,
    ) -> Result<Reply, Refusal> {
        let place = self.door.enter(peer).ok_or_else(|| {
            let detail = "Too many archives are being made; try again soon.";
            Refusal::new(Status::SERVICE_UNAVAILABLE, detail).with("Retry-After", "10")
        })?;
        let own = folder
            .name()
            .file_name()
            .map_or_else(|| title.as_bytes().to_vec(), <[u8]>::to_vec);
        let head = ResponseHead::new(Status::OK)
            .with("Content-Type", "application/zip")
            .with("Cache-Control", "no-store")
            .with(
                "Content-Disposition",
                content_disposition(Disposition::Attachment, &[own.as_slice(), b".zip"].concat()),
            );
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        let root = Arc::clone(root);
        std::thread::Builder::new()
            .name("landline-archive".to_owned())
            .spawn(move || make(&root, folder, sender, place))
            .map_err(|_| {
                Refusal::new(
                    Status::SERVICE_UNAVAILABLE,
                    "There is no thread for an archive now.",
                )
            })?;
        Ok(Reply::new(head, Content::Stream(chunks)).completing())
    }
}

fn make(root: &Root, folder: Folder, sender: mpsc::Sender<io::Result<Bytes>>, _place: Permit) {
    let chunks = Chunks {
        sender: sender.clone(),
        filling: Vec::with_capacity(CHUNK_BYTES),
    };
    let mut archive = ZipWriter::new_stream(chunks);
    let depth = folder.name().segments().count();
    let outcome = add_folder(&mut archive, root, &folder, depth)
        .and_then(|()| archive.finish().map_err(io::Error::other))
        .and_then(|stream| stream.into_inner().flush());
    if let Err(error) = outcome {
        // The receiver cuts the connection, so that nobody takes half an archive for a whole one;
        // where the receiver has gone there is nobody to tell.
        let _ = sender.blocking_send(Err(error));
    }
}

type Archive = ZipWriter<zip::write::StreamWriter<Chunks>>;

fn add_folder(archive: &mut Archive, root: &Root, folder: &Folder, above: usize) -> io::Result<()> {
    let (mut entries, _) = folder.entries(root, usize::MAX).map_err(io::Error::other)?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    for entry in entries {
        let Ok(name) = folder.name().join(&entry.name) else {
            continue;
        };
        // Following links to folders could go in circles; links to files are just files.
        if entry.is_folder && entry.is_link {
            continue;
        }
        match root.find(&name) {
            Ok(Opened::Folder(inner)) => {
                archive
                    .add_directory(inside(&name, above), options(&entry.facts))
                    .map_err(io::Error::other)?;
                add_folder(archive, root, &inner, above)?;
            }
            Ok(Opened::File(file, facts)) => {
                add_file(archive, &inside(&name, above), file, &facts)?;
            }
            // Gone or closed to us since the folder was read: the archive goes on without it.
            Err(_) => {}
        }
    }
    Ok(())
}

fn add_file(archive: &mut Archive, name: &str, file: File, facts: &Facts) -> io::Result<()> {
    let options = options(facts).large_file(facts.size >= u64::from(u32::MAX));
    archive
        .start_file(name, options)
        .map_err(io::Error::other)?;
    // A file that grows meanwhile must not outgrow what its entry said of it.
    io::copy(&mut file.take(facts.size), archive).map(|_| ())
}

/// What a name is called in the archive: what is below the archived folder, as UTF-8. What is not
/// UTF-8 is percent-encoded, so that two names never become one.
fn inside(name: &RelativeName, above: usize) -> String {
    let called = |segment: &[u8]| match str::from_utf8(segment) {
        Ok(text) => text.to_owned(),
        Err(_) => segment_href(segment),
    };
    let segments: Vec<_> = name.segments().skip(above).map(called).collect();
    segments.join("/")
}

fn options(facts: &Facts) -> SimpleFileOptions {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    match dos_time(facts.modified) {
        Some(time) => options.last_modified_time(time),
        None => options,
    }
}

/// The time as ZIP writes it, in UTC; it knows the years 1980 to 2107.
fn dos_time(seconds: u64) -> Option<zip::DateTime> {
    let (year, month, day) = date::civil_of_days(seconds / 86_400);
    let second = seconds % 86_400;
    zip::DateTime::from_date_and_time(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
        (second / 3600).try_into().ok()?,
        (second / 60 % 60).try_into().ok()?,
        (second % 60).try_into().ok()?,
    )
    .ok()
}

/// Gathers what the archive writes in small pieces into chunks worth sending.
struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    filling: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.filling.extend_from_slice(bytes);
        if self.filling.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.filling.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.filling, Vec::with_capacity(CHUNK_BYTES));
        self.sender
            .blocking_send(Ok(chunk.into()))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

const ARCHIVES_AT_ONCE: usize = 32;
const ARCHIVES_PER_SOURCE: usize = 4;
const CHUNK_BYTES: usize = 64 * 1024;
/// How far the archive may be ahead of the connection.
const CHUNKS_AHEAD: usize = 4;
