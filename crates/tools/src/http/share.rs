//! A shared folder over HTTP: files, listings, archives and uploads beneath one root.

use std::sync::Arc;

use bytes::Bytes;
use landline_socket::Address;
use landline_wire::http::{RequestHead, ResponseHead, Status};
use landline_wire::name::RelativeName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::archive::Archivist;
use super::reply::Content;
use super::upload::{self, Taken, Uploaded};
use super::{Listing, Refusal, Reply, Request, file};
use crate::base::cores::blocking;
use crate::base::root::{self, Folder, Opened, Root};

/// A folder, and what may be done with it.
#[derive(Debug)]
pub struct Share {
    root: Arc<Root>,
    writable: bool,
    archivist: Archivist,
    /// What listings that wait to be sent may take, in KiB.
    listing_kib: Arc<Semaphore>,
}

/// A listing on its way, and the room it takes until it is sent.
struct Waiting {
    text: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Waiting {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

/// What a GET found.
pub enum Found {
    /// A file, or where a folder's address ends in a slash: the whole answer.
    Reply(Reply),
    /// A folder; how it is shown is the caller's to say.
    Folder(Folder),
}

impl Share {
    /// Shares `root`, for reading, or for new files too.
    #[must_use]
    pub fn new(root: Root, writable: bool) -> Self {
        Self {
            root: Arc::new(root),
            writable,
            archivist: Archivist::default(),
            listing_kib: Arc::new(Semaphore::new(LISTINGS_KIB)),
        }
    }

    /// The name that a percent-encoded path means.
    ///
    /// # Errors
    /// 404 for a path that could escape, since nothing can be there.
    pub fn name(path: &str) -> Result<RelativeName, Refusal> {
        Ok(RelativeName::parse_path(path)?)
    }

    /// What is at `name`, for a GET or HEAD.
    ///
    /// # Errors
    /// 404, 403, and what the request's own conditions and ranges bring about.
    pub fn find(&self, head: &RequestHead, name: &RelativeName) -> Result<Found, Refusal> {
        match self.root.find(name)? {
            Opened::Folder(folder) if name.is_folder() => Ok(Found::Folder(folder)),
            Opened::Folder(_) => {
                let query = head
                    .query()
                    .map_or(String::new(), |query| format!("?{query}"));
                let place = name.clone().as_folder().href() + &query;
                let moved = ResponseHead::new(Status::MOVED_PERMANENTLY)
                    .with("Location", place)
                    .with("Cache-Control", "no-cache");
                Ok(Found::Reply(Reply::empty(moved)))
            }
            Opened::File(..) if name.is_folder() => Err(root::Error::Absent.into()),
            Opened::File(opened, facts) => {
                let last = name.file_name().unwrap_or_default();
                file::answer(head, last, opened, facts).map(Found::Reply)
            }
        }
    }

    /// The answer that lists a folder as JSON: at most 100,000 entries.
    ///
    /// # Errors
    /// When the folder cannot be read; 503 while too much is listed for others who do not read it.
    pub async fn list_as_json(&self, folder: Folder) -> Result<Reply, Refusal> {
        let (root, writable) = (Arc::clone(&self.root), self.writable);
        let listed = blocking(move || {
            let listing = Listing::read(&root, &folder, writable, LISTED)?;
            serde_json::to_vec(&listing).map_err(|error| root::Error::Io(error.into()))
        });
        let text = listed.await?;
        let kib = u32::try_from(text.len() / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.listing_kib).try_acquire_many_owned(kib);
        let _room = room.map_err(|_| {
            let detail = "Too many large folders are being listed; try again soon.";
            Refusal::new(Status::SERVICE_UNAVAILABLE, detail).with("Retry-After", "5")
        })?;
        let head = ResponseHead::new(Status::OK)
            .with("Content-Type", "application/json")
            .with("Cache-Control", "no-cache")
            .with("Vary", "Accept");
        let body = Bytes::from_owner(Waiting { text, _room });
        Ok(Reply::new(head, Content::Bytes(body)))
    }

    /// What is in a folder, at most `limit` entries, whichever the file system has first; read where
    /// blocking stalls nobody.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self, folder: Folder, limit: usize) -> Result<Listing, Refusal> {
        let (root, writable) = (Arc::clone(&self.root), self.writable);
        Ok(blocking(move || Listing::read(&root, &folder, writable, limit)).await?)
    }

    /// The folder `name` as one archive; `title` is what the root's own archive is called.
    ///
    /// # Errors
    /// 404 when it is no folder, 503 while too many archives are being made, in all or for `peer`.
    pub fn archive(
        &self,
        name: &RelativeName,
        title: &str,
        peer: &Address,
    ) -> Result<Reply, Refusal> {
        let folder = self.folder(name)?;
        self.archivist.answer(&self.root, folder, title, peer)
    }

    /// Receives the request's body as the file `name`.
    ///
    /// # Errors
    /// 403 where nothing may be written, 409 or 412 when the name is taken, 400 for a name that not every
    /// system can have, 507 when the disk is full, and whatever is wrong with the body; nothing of it is
    /// left then, but for folders that were made for it.
    pub async fn upload(
        &self,
        name: RelativeName,
        taken: Taken,
        request: &mut Request<'_, '_>,
    ) -> Result<Uploaded, Refusal> {
        if !self.writable {
            let detail = "This folder is read only. Its owner can allow uploads with --write.";
            return Err(Refusal::new(Status::FORBIDDEN, detail));
        }
        upload::receive(&self.root, name, taken, request).await
    }

    /// The folder `name`, held open.
    ///
    /// # Errors
    /// 404 when it is no folder.
    pub fn folder(&self, name: &RelativeName) -> Result<Folder, root::Error> {
        match self.root.find(name)? {
            Opened::Folder(folder) => Ok(folder),
            Opened::File(..) => Err(root::Error::Absent),
        }
    }

    /// The methods that files here have, as `Allow` names them.
    #[must_use]
    pub fn allow(&self) -> &'static str {
        if self.writable {
            "GET, HEAD, PUT, OPTIONS"
        } else {
            "GET, HEAD, OPTIONS"
        }
    }
}

/// A listing larger than this would be of use to nobody, and a burden to everybody.
const LISTED: usize = 100_000;
/// Listings that wait to be sent may take 64 MiB in all: some eight of the largest.
const LISTINGS_KIB: usize = 64 * 1024;
