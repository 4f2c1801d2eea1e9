//! A fresh file: it has no name while it is written, and gets one only when it is whole.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::root::{Error, Facts, Folder, proc_path};

/// How temporary names start; names that start so are never shared, not even with `--hidden`.
pub const PREFIX: &str = ".landline-part-";

/// A file being written. What was written goes with it, unless it was given a name: by itself where
/// the file system has files without names, so that not even a kill leaves anything; else by removal.
#[derive(Debug)]
pub struct FreshFile {
    folder: OwnedFd,
    file: File,
    /// The name it has meanwhile, where it has to have one.
    temporary: Option<String>,
}

impl FreshFile {
    /// Makes an empty file in `folder`, readable as the umask says.
    ///
    /// # Errors
    /// When the folder may not be written, or its disk is full.
    pub(super) fn create(folder: &Folder) -> Result<Self, Error> {
        let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
        let (file, temporary) = match rustix::fs::openat(folder.descriptor(), c".", flags, MODE) {
            Ok(file) => (file, None),
            // The file system has no files without names (NFS, FAT).
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => {
                let name = temporary_name()?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let file = rustix::fs::openat(folder.descriptor(), &name, flags, MODE)?;
                (file, Some(name))
            }
            Err(errno) => return Err(errno.into()),
        };
        Ok(Self {
            folder: folder.descriptor().try_clone_to_owned()?,
            file: file.into(),
            temporary,
        })
    }

    /// Appends `bytes`. Blocks as the disk does.
    ///
    /// # Errors
    /// [`Error::Full`], or what else `write(2)` says.
    pub fn write_all(&mut self, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.file.write_all(bytes)?)
    }

    /// `fsync(2)`: what was written survives a power cut from here on. Blocks as the disk does.
    ///
    /// # Errors
    /// What `fsync(2)` says: the bytes are then not safe, and the file must not be kept.
    pub fn sync(&mut self) -> Result<(), Error> {
        Ok(self.file.sync_all()?)
    }

    /// Gives the file its name, if nothing has that name; the fresh file is left as it is
    /// otherwise, so that another name can be tried.
    ///
    /// # Errors
    /// [`Error::Taken`] when something of that name is there, even if it came this instant.
    pub fn keep_as(&mut self, name: &str) -> Result<Facts, Error> {
        let Some(temporary) = &self.temporary else {
            self.link(name)?;
            return self.settle();
        };
        let (from, to) = (&self.folder, &self.folder);
        match rustix::fs::renameat_with(from, temporary, to, name, RenameFlags::NOREPLACE) {
            Ok(()) => self.temporary = None,
            // The file system cannot rename without replacing; a second link cannot replace either.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(from, temporary, to, name, AtFlags::empty())?;
            }
            Err(errno) => return Err(errno.into()),
        }
        self.settle()
    }

    /// Gives the file its name in place of whatever has it.
    ///
    /// # Errors
    /// What `rename(2)` says; the old file is then still there.
    pub fn replace(&mut self, name: &str) -> Result<Facts, Error> {
        let temporary = match self.temporary.take() {
            Some(temporary) => temporary,
            // Only a name can take another's place.
            None => {
                let temporary = temporary_name()?;
                self.link(&temporary)?;
                temporary
            }
        };
        if let Ok(old) = rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            // A file that others could not read stays so.
            rustix::fs::fchmod(&self.file, Mode::from_raw_mode(old.st_mode & 0o777))?;
        }
        let renamed = rustix::fs::renameat(&self.folder, &temporary, &self.folder, name);
        if let Err(errno) = renamed {
            self.temporary = Some(temporary);
            return Err(errno.into());
        }
        self.settle()
    }

    /// A first name for a file that has none.
    fn link(&self, name: &str) -> Result<(), Errno> {
        let own = proc_path(&self.file);
        rustix::fs::linkat(CWD, own, &self.folder, name, AtFlags::SYMLINK_FOLLOW)
    }

    /// The new name is in the folder, which has to reach the disk as well.
    fn settle(&self) -> Result<Facts, Error> {
        rustix::fs::fsync(self.folder.as_fd())?;
        Ok(Facts::from(&rustix::fs::fstat(&self.file)?))
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nothing can be done for a name that cannot be removed; it is hidden in any case.
            let _ = rustix::fs::unlinkat(&self.folder, temporary, AtFlags::empty());
        }
    }
}

fn temporary_name() -> Result<String, Error> {
    let random = getrandom::u64().map_err(std::io::Error::other)?;
    Ok(format!("{PREFIX}{random:016x}"))
}

const MODE: Mode = Mode::from_raw_mode(0o666);
