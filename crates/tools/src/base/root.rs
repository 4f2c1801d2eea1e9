//! A shared folder, held open: everything in it is opened beneath it, never by path.

use std::ffi::{CStr, CString, OsStr};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use landline_wire::name::RelativeName;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use super::fresh::{self, FreshFile};

/// Why something beneath a folder cannot be had.
#[derive(Debug)]
pub enum Error {
    /// Not there, hidden, outside, or neither a file nor a folder: a peer is told the same of all.
    Absent,
    /// The system lets this process not do it (`EACCES`, `EPERM`, `EROFS`).
    Forbidden,
    /// Something of that name is there already.
    Taken,
    /// The disk or the quota is full.
    Full,
    /// Anything else.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no such file or folder"),
            Self::Forbidden => f.write_str("the system does not allow it"),
            Self::Taken => f.write_str("the name is taken"),
            Self::Full => f.write_str("the disk is full"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        match errno {
            // XDEV: it led outside. LOOP: links in a circle. NXIO: a socket or a pipe.
            Errno::NOENT
            | Errno::NOTDIR
            | Errno::XDEV
            | Errno::LOOP
            | Errno::NXIO
            | Errno::NAMETOOLONG
            | Errno::INVAL
            | Errno::ILSEQ => Self::Absent,
            Errno::ACCESS | Errno::PERM | Errno::ROFS => Self::Forbidden,
            Errno::EXIST | Errno::ISDIR | Errno::NOTEMPTY => Self::Taken,
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Self::Full,
            other => Self::Io(other.into()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(code) => Errno::from_raw_os_error(code).into(),
            None => Self::Io(error),
        }
    }
}

/// A folder that is shared: the descriptor is held, so a moved or replaced path changes nothing.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
    share_hidden: bool,
}

/// What a name beneath a [`Root`] turned out to be.
#[derive(Debug)]
pub enum Opened {
    /// A regular file, open for reading.
    File(File, Facts),
    /// A folder.
    Folder(Folder),
}

/// What is known of a file or folder without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Bytes; of a folder whatever the file system says.
    pub size: u64,
    /// Seconds since 1970; before that, 0.
    pub modified: u64,
    /// Nanoseconds of the same moment, below one second.
    pub modified_nanos: u32,
    /// The inode: another file under the same name has another one.
    pub inode: u64,
}

impl From<&Stat> for Facts {
    fn from(stat: &Stat) -> Self {
        Self {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: u64::try_from(stat.st_mtime).unwrap_or(0),
            modified_nanos: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
            inode: stat.st_ino,
        }
    }
}

/// A folder beneath a [`Root`], held open.
#[derive(Debug)]
pub struct Folder {
    descriptor: OwnedFd,
    name: RelativeName,
    share_hidden: bool,
}

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name as the file system has it; not necessarily UTF-8.
    pub name: Vec<u8>,
    /// Whether it is a folder (or a link to one); otherwise it is a regular file.
    pub is_folder: bool,
    /// Whether it is a link: following links to folders can go in circles.
    pub is_link: bool,
    /// Size and time.
    pub facts: Facts,
}

impl Root {
    /// `open(2)` of the folder to share, which is then held. `share_hidden` also shares names that
    /// start with a dot.
    ///
    /// # Errors
    /// When `path` is not a folder that this process may read, or the kernel has no `openat2(2)`
    /// (Linux 5.6), without which nothing would be safe to open.
    pub fn open(path: &Path, share_hidden: bool) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())?;
        let root = Self {
            folder,
            share_hidden,
        };
        root.resolve(c".", ResolveFlags::empty())?;
        Ok(root)
    }

    /// Opens what `name` names, for reading.
    ///
    /// Links are followed only while they stay inside; pipes, devices and sockets are never opened.
    ///
    /// # Errors
    /// [`Error::Absent`] for what is not there or not shared, [`Error::Forbidden`], [`Error::Io`].
    pub fn find(&self, name: &RelativeName) -> Result<Opened, Error> {
        let path = self.path_of(name)?;
        // A path descriptor does nothing to what it names, so a pipe cannot block here, nor a
        // device act; only what is known to be harmless is then opened for real.
        let place = self.place(&path)?;
        let stat = rustix::fs::fstat(&place)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                // NONBLOCK: somebody's lease on the file is no reason to wait for them here.
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
                let file = rustix::fs::open(proc_path(&place), flags, Mode::empty())?;
                Ok(Opened::File(file.into(), Facts::from(&stat)))
            }
            FileType::Directory => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let descriptor = rustix::fs::openat(&place, c".", flags, Mode::empty())?;
                Ok(Opened::Folder(Folder {
                    descriptor,
                    name: name.clone(),
                    share_hidden: self.share_hidden,
                }))
            }
            _ => Err(Error::Absent),
        }
    }

    /// A fresh file for `name`, in its folder, which is made with those above it where they are
    /// missing.
    ///
    /// # Errors
    /// [`Error::Taken`] where a file stands in the way of a folder, [`Error::Absent`] for what is
    /// not shared, and as [`find`](Self::find).
    pub fn create(&self, name: &RelativeName) -> Result<FreshFile, Error> {
        self.path_of(name)?;
        let parent = name.parent().ok_or(Error::Taken)?;
        FreshFile::create(&self.make_folder(&parent)?)
    }

    fn make_folder(&self, name: &RelativeName) -> Result<Folder, Error> {
        // From the deepest that exists downwards: mostly that is the folder itself.
        let mut missing = Vec::new();
        let mut here = name.clone().as_folder();
        let mut folder = loop {
            match self.find(&here) {
                Ok(Opened::Folder(folder)) => break folder,
                Ok(Opened::File(..)) => return Err(Error::Taken),
                Err(Error::Absent) => {
                    let above = here.parent().ok_or(Error::Absent)?;
                    missing.push(std::mem::replace(&mut here, above));
                }
                Err(error) => return Err(error),
            }
        };
        while let Some(next) = missing.pop() {
            let segment = next.file_name().ok_or(Error::Absent)?;
            let mode = Mode::from_raw_mode(0o777);
            match rustix::fs::mkdirat(&folder.descriptor, OsStr::from_bytes(segment), mode) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            folder = match self.find(&next)? {
                Opened::Folder(folder) => folder,
                Opened::File(..) => return Err(Error::Taken),
            };
        }
        Ok(folder)
    }

    /// The path for the kernel, if every part of it is shared.
    fn path_of(&self, name: &RelativeName) -> Result<CString, Error> {
        for segment in name.segments() {
            self.refuse_hidden_name(segment)?;
        }
        let path = if name.is_root() {
            b"."
        } else {
            name.as_bytes()
        };
        CString::new(path).map_err(|_| Error::Absent)
    }

    fn refuse_hidden_name(&self, segment: &[u8]) -> Result<(), Error> {
        if is_shared(segment, self.share_hidden) {
            Ok(())
        } else {
            Err(Error::Absent)
        }
    }

    /// Resolves `path` to a descriptor that only names the place.
    fn place(&self, path: &CStr) -> Result<OwnedFd, Error> {
        match self.resolve(path, ResolveFlags::NO_SYMLINKS) {
            Err(Errno::LOOP) => {
                let place = self.resolve(path, ResolveFlags::empty())?;
                self.refuse_hidden(&place)?;
                Ok(place)
            }
            outcome => Ok(outcome?),
        }
    }

    /// A link with a harmless name may still lead to a hidden file inside.
    fn refuse_hidden(&self, place: &OwnedFd) -> Result<(), Error> {
        let root = rustix::fs::readlink(proc_path(&self.folder), Vec::new())?;
        let here = rustix::fs::readlink(proc_path(place), Vec::new())?;
        // Moved away while we looked: what it is called now cannot be told, so it is not shared.
        let inside = here
            .as_bytes()
            .strip_prefix(root.as_bytes())
            .ok_or(Error::Absent)?;
        inside
            .split(|&byte| byte == b'/')
            .try_for_each(|segment| self.refuse_hidden_name(segment))
    }

    fn resolve(&self, path: &CStr, also: ResolveFlags) -> Result<OwnedFd, Errno> {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let how = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | also;
        loop {
            match rustix::fs::openat2(&self.folder, path, flags, Mode::empty(), how) {
                // AGAIN: a rename raced with the walk, and the kernel could not rule out an escape.
                Err(Errno::AGAIN | Errno::INTR) => {}
                outcome => return outcome,
            }
        }
    }
}

impl Folder {
    /// Its name beneath the root.
    #[must_use]
    pub fn name(&self) -> &RelativeName {
        &self.name
    }

    /// Everything in it that is shared: regular files and folders, links to such included while
    /// they stay inside; in no order, at most `limit`, and whether there was more.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn entries(&self, root: &Root, limit: usize) -> Result<(Vec<Entry>, bool), Error> {
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.descriptor)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..")
                || !is_shared(name.to_bytes(), self.share_hidden)
            {
                continue;
            }
            if entries.len() == limit {
                return Ok((entries, true));
            }
            entries.extend(self.look(root, name));
        }
        Ok((entries, false))
    }

    /// What an entry is, or `None` where it is not shared or has gone meanwhile.
    fn look(&self, root: &Root, name: &CStr) -> Option<Entry> {
        let mut stat =
            rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
        if is_link {
            let path = root.path_of(&self.name.join(name.to_bytes()).ok()?).ok()?;
            stat = rustix::fs::fstat(root.place(&path).ok()?).ok()?;
        }
        let is_folder = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => false,
            FileType::Directory => true,
            _ => return None,
        };
        let facts = Facts::from(&stat);
        Some(Entry {
            name: name.to_bytes().to_vec(),
            is_folder,
            is_link,
            facts,
        })
    }

    /// The folder's descriptor, for a watch on it or a new file in it.
    #[must_use]
    pub fn descriptor(&self) -> rustix::fd::BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// The path by which the kernel reaches this very folder, wherever it is moved.
    #[must_use]
    pub fn kernel_path(&self) -> String {
        proc_path(&self.descriptor)
    }
}

/// Whether a name is shared at all: our own unfinished uploads never are.
fn is_shared(name: &[u8], share_hidden: bool) -> bool {
    !name.starts_with(b".") || (share_hidden && !name.starts_with(fresh::PREFIX.as_bytes()))
}

/// The path by which the kernel reaches what a descriptor has open, whatever it is called now.
pub(super) fn proc_path(descriptor: impl AsFd) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", descriptor.as_fd().as_raw_fd())
}
