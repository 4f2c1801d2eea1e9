//! The room over HTTP: files at their paths, everything of ours beneath `/.landline/`.

use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use landline_wire::chat::Hello;
use landline_wire::http::accept::{self, Wanted};
use landline_wire::http::{Method, RequestHead, ResponseHead, Status};
use landline_wire::name::RelativeName;
use landline_wire::ws;

use super::{Direction, Event, Options, Report, Sink, Tally, page};
use crate::base::{Stop, printable_bytes};
use crate::chat::{self, Room, SharedFile};
use crate::http::{
    Found, Guard, Record, Refusal, Reply, Request, Service, Share, Taken, created, shown_path,
};

/// The service behind the page.
pub(super) struct Site {
    share: Arc<Share>,
    room: Room,
    title: String,
    guard: Guard,
    sink: Sink,
    stop: Stop,
    tally: Tally,
}

impl Site {
    pub(super) fn new(
        share: Arc<Share>,
        room: Room,
        options: Options,
        sink: Sink,
        stop: Stop,
    ) -> Self {
        let guard = Guard::new(options.hosts, options.key);
        Self {
            share,
            room,
            title: options.room,
            guard,
            sink,
            stop,
            tally: Tally::default(),
        }
    }

    pub(super) fn report(&self) -> Report {
        self.tally.report()
    }

    /// Files and folders, at their own paths.
    async fn at_path(&self, request: &mut Request<'_, '_>) -> Result<Reply, Refusal> {
        let head = request.head;
        let name = Share::name(head.path())?;
        match head.method() {
            Method::Get | Method::Head => match self.share.find(head, &name)? {
                Found::Reply(reply) => Ok(reply),
                Found::Folder(folder) => match accept::wanted(head.headers(), Wanted::Html) {
                    Wanted::Json => self.share.list_as_json(folder).await,
                    Wanted::Html | Wanted::Text => {
                        let listing = self.share.list(folder, PLAINLY_LISTED).await?;
                        Ok(page::document(&self.title, &listing.html()))
                    }
                },
            },
            Method::Put => self.receive(name, Taken::Refuse, request).await,
            Method::Options => {
                let allow = ResponseHead::new(Status::NO_CONTENT).with("Allow", self.share.allow());
                Ok(Reply::empty(allow))
            }
            _ => Err(not_allowed(self.share.allow())),
        }
    }

    /// What is ours: the page's files, the chat, uploads from the page, archives.
    async fn of_ours(&self, place: &str, request: &mut Request<'_, '_>) -> Result<Reply, Refusal> {
        let head = request.head;
        // The slash stays with the path, so that a second one is seen for what it is.
        let (what, path) = place.split_at(place.find('/').unwrap_or(place.len()));
        match (what, head.method()) {
            ("room", _) if path.is_empty() => self.enter(head),
            ("archive", Method::Get | Method::Head) => {
                self.share
                    .archive(&Share::name(path)?, &self.title, request.peer)
            }
            ("archive", _) => Err(not_allowed("GET, HEAD")),
            ("upload", Method::Post) => {
                self.receive(Share::name(path)?, Taken::Number, request)
                    .await
            }
            ("upload", _) => Err(not_allowed("POST")),
            _ => Err(Refusal::new(Status::NOT_FOUND, "There is no such page.")),
        }
    }

    /// The WebSocket of one browser.
    fn enter(&self, head: &RequestHead) -> Result<Reply, Refusal> {
        let switch = ws::accept(head).map_err(|fault| {
            let fields = ws::OFFER.into_iter();
            fields.fold(Refusal::from(fault), |refusal, (name, value)| {
                refusal.with(name, value)
            })
        })?;
        let hello = Hello::parse(head.query().unwrap_or(""))
            .map_err(|error| Refusal::new(Status::BAD_REQUEST, error.to_string()))?;
        let (room, stop) = (self.room.clone(), self.stop.clone());
        Ok(Reply::switch(
            switch,
            Box::new(move |socket, received| {
                Box::pin(async move {
                    chat::serve_web(socket, BytesMut::from(&received[..]), &hello, &room, &stop)
                        .await;
                })
            }),
        ))
    }

    /// Receives an upload and, once it is whole, tells the room, the owner and the uploader.
    async fn receive(
        &self,
        name: RelativeName,
        taken: Taken,
        request: &mut Request<'_, '_>,
    ) -> Result<Reply, Refusal> {
        let began = Instant::now();
        let uploaded = self.share.upload(name, taken, request).await?;
        let (path, size) = (printable_bytes(uploaded.name.as_bytes()), uploaded.size);
        let client = request.head.query_value("client");
        self.room.shared(
            &SharedFile {
                path: &path,
                href: &uploaded.name.href(),
                size,
            },
            client.as_deref(),
        );
        Tally::count(&self.tally.uploads);
        (self.sink)(&Event::Transferred {
            direction: Direction::Up,
            peer: request.peer,
            path: &path,
            size,
            took: began.elapsed(),
        });
        Ok(created(&uploaded))
    }

    /// Tells the owner of a file or folder that somebody now has to its end.
    fn tell_download(&self, record: &Record<'_>, head: &RequestHead) {
        let path = match head.path().strip_prefix(OURS) {
            Some(place) => place.strip_prefix("archive").unwrap_or_default(),
            None => head.path(),
        };
        let Ok(name) = Share::name(path) else { return };
        let path = if name.is_folder() {
            shown_path(&name)
        } else {
            printable_bytes(name.as_bytes())
        };
        Tally::count(&self.tally.downloads);
        (self.sink)(&Event::Transferred {
            direction: Direction::Down,
            peer: record.peer,
            path: &path,
            size: record.sent,
            took: record.took,
        });
    }
}

impl Service for Site {
    async fn answer(&self, request: &mut Request<'_, '_>) -> Result<Reply, Refusal> {
        let head = request.head;
        self.guard.check_site(head, request.local)?;
        let ours = head.path().strip_prefix(OURS);
        if let Some(place) = ours
            && matches!(head.method(), Method::Get | Method::Head)
            && let Some(answer) = page::asset(place, head)
        {
            // The page's own files hold no secret, and the page that asks for the key is drawn with them.
            return answer;
        }
        if let Some(traded) = self.guard.check_key(head, request.local)? {
            return Ok(traded);
        }
        match ours {
            Some(place) => self.of_ours(place, request).await,
            None => self.at_path(request).await,
        }
    }

    fn answered(&self, record: &Record<'_>) {
        Tally::count(&self.tally.requests);
        if let Some(head) = record.head
            && record.completed
            && head.method() == Method::Get
        {
            self.tell_download(record, head);
        }
        (self.sink)(&Event::Answered(record));
    }
}

fn not_allowed(allow: &str) -> Refusal {
    Refusal::new(Status::METHOD_NOT_ALLOWED, "This cannot be done here.").with("Allow", allow)
}

/// Where everything of ours lies; no file can, since its name starts with a dot.
const OURS: &str = "/.landline/";
/// Entries of the plain list, which stands in every page whether or not it is needed.
const PLAINLY_LISTED: usize = 500;
