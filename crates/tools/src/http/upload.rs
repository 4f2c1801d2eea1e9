//! An upload: received under a temporary name, it appears whole or not at all.

use std::sync::{Arc, Mutex, PoisonError};

use landline_wire::http::condition::{self, Outcome};
use landline_wire::http::{ResponseHead, Status};
use landline_wire::name::RelativeName;

use super::file::Validator;
use super::reply::{Content, Reply};
use super::{Refusal, Request};
use crate::base::clock;
use crate::base::cores::blocking;
use crate::base::fresh::FreshFile;
use crate::base::root::{Error, Opened, Root};

/// What an upload does when its name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It takes the next free one: `name (2).ext`.
    Number,
    /// It is refused, unless the request's `If-Match` names what is there.
    Refuse,
}

/// An upload that is whole.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// The name it got.
    pub name: RelativeName,
    /// Bytes.
    pub size: u64,
    /// Whether it took the place of another, as the request asked.
    pub replaced: bool,
}

/// Receives the body of `request` as the file `name` beneath `root`.
///
/// # Errors
/// 409 or 412 when the name is taken, 400 for a name that not every system can have, 507 when the
/// disk is full, and whatever is wrong with the body; nothing of it is left then, but for folders that
/// were made for it.
pub(super) async fn receive(
    root: &Arc<Root>,
    name: RelativeName,
    taken: Taken,
    request: &mut Request<'_, '_>,
) -> Result<Uploaded, Refusal> {
    name.check_portable()
        .map_err(|error| Refusal::new(Status::BAD_REQUEST, error.to_string()))?;
    if name.is_folder() {
        return Err(Refusal::new(
            Status::CONFLICT,
            "A folder cannot be uploaded as one file.",
        ));
    }
    if request.head.headers().contains("content-range") {
        // RFC 9110 §14.4: taking a part for the whole would destroy a file.
        return Err(Refusal::new(
            Status::BAD_REQUEST,
            "A part of a file cannot be uploaded.",
        ));
    }
    let replaced = match taken {
        Taken::Number => None,
        Taken::Refuse => replaceable(root, &name, request)?,
    };
    let fresh = {
        let (root, name) = (Arc::clone(root), name.clone());
        blocking(move || root.create(&name)).await?
    };
    let mut fresh = fill(fresh, request).await?;
    let fresh = blocking(move || fresh.sync().map(|()| fresh)).await?;
    let root = Arc::clone(root);
    blocking(move || match replaced {
        Some(expected) => replace(&root, fresh, name, &expected),
        None => keep(fresh, name, taken),
    })
    .await
}

/// Writes the request's body, as it comes, where blocking stalls nobody.
async fn fill(mut fresh: FreshFile, request: &mut Request<'_, '_>) -> Result<FreshFile, Refusal> {
    let mut buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
    loop {
        let mut filled = 0;
        while filled < buffer.len() {
            match request.body.read(&mut buffer[filled..]).await? {
                0 => break,
                count => filled += count,
            }
        }
        if filled == 0 {
            return Ok(fresh);
        }
        (fresh, buffer) =
            blocking(move || fresh.write_all(&buffer[..filled]).map(|()| (fresh, buffer))).await?;
    }
}

/// What the request may replace by its conditions (RFC 9110 §13.1.1); nothing where nothing is.
fn replaceable(
    root: &Root,
    name: &RelativeName,
    request: &Request<'_, '_>,
) -> Result<Option<Validator>, Refusal> {
    let current = match root.find(name) {
        Ok(Opened::File(_, facts)) => Some(Validator::of(&facts)),
        Ok(Opened::Folder(_)) => return Err(Error::Taken.into()),
        Err(Error::Absent) => None,
        Err(error) => return Err(error.into()),
    };
    let validators = current.as_ref().map(Validator::as_validators);
    match condition::evaluate(request.head, validators.as_ref(), clock::seconds()) {
        Outcome::Proceed if current.is_none() => Ok(None),
        Outcome::Proceed if request.head.headers().contains("if-match") => Ok(current),
        Outcome::Proceed => Err(Error::Taken.into()),
        _ => Err(changed()),
    }
}

fn changed() -> Refusal {
    let detail = "What is there is not as you expect it.";
    Refusal::new(Status::PRECONDITION_FAILED, detail)
}

/// Puts the file in the place of the one that the request named, if that is still there.
fn replace(
    root: &Root,
    mut fresh: FreshFile,
    name: RelativeName,
    expected: &Validator,
) -> Result<Uploaded, Refusal> {
    // One at a time: of two that name the same state, the second has to see the first's.
    static REPLACING: Mutex<()> = Mutex::new(());
    let _alone = REPLACING.lock().unwrap_or_else(PoisonError::into_inner);
    match root.find(&name)? {
        Opened::File(_, facts) if Validator::of(&facts) == *expected => {}
        _ => return Err(changed()),
    }
    let size = fresh.replace(&last_of(&name))?.size;
    let replaced = true;
    Ok(Uploaded {
        name,
        size,
        replaced,
    })
}

/// Gives the file its name, or the next free one like it.
fn keep(mut fresh: FreshFile, name: RelativeName, taken: Taken) -> Result<Uploaded, Refusal> {
    for number in 1..=NAME_TRIES {
        let name = match number {
            1 => name.clone(),
            number => name.numbered(number)?,
        };
        match fresh.keep_as(&last_of(&name)) {
            Err(Error::Taken) if taken == Taken::Number => {}
            Err(error) => return Err(error.into()),
            Ok(facts) => {
                let (size, replaced) = (facts.size, false);
                return Ok(Uploaded {
                    name,
                    size,
                    replaced,
                });
            }
        }
    }
    Err(Error::Taken.into())
}

fn last_of(name: &RelativeName) -> String {
    String::from_utf8_lossy(name.file_name().unwrap_or_default()).into_owned()
}

/// The answer to an upload: where it is, and under which name.
#[must_use]
pub fn created(uploaded: &Uploaded) -> Reply {
    let href = uploaded.name.href();
    let body = serde_json::json!({
        "path": crate::base::printable_bytes(uploaded.name.as_bytes()), "href": href, "size": uploaded.size,
    });
    // RFC 9110 §9.3.4: 201 says that nothing was there before.
    let head = ResponseHead::new(if uploaded.replaced {
        Status::OK
    } else {
        Status::CREATED
    })
    .with("Location", &href)
    .with("Content-Type", "application/json");
    Reply::new(head, Content::Bytes(format!("{body}\n").into()))
}

/// One write to the disk: large enough that the way to the pool and back costs nothing beside it.
const BUFFER_BYTES: usize = 256 * 1024;
/// After so many taken names somebody is playing.
const NAME_TRIES: u32 = 1000;
