//! A fresh file: written under a temporary name, it appears under its own only when it is whole.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::root::{Error, Facts, Folder};

/// How the temporary names start; names that start so are never shared, not even hidden ones.
pub const PREFIX: &str = ".landline-part-";

/// A file being written. Dropping it removes what was written.
#[derive(Debug)]
pub struct FreshFile {
    folder: OwnedFd,
    temporary: String,
    file: File,
    is_kept: bool,
}

impl FreshFile {
    /// Makes an empty file with a temporary name in `folder`, readable as the umask says.
    ///
    /// # Errors
    /// When the folder may not be written, or its disk is full.
    pub(super) fn create(folder: &Folder) -> Result<Self, Error> {
        let random = getrandom::u64().map_err(|error| Error::Io(std::io::Error::other(error)))?;
        let temporary = format!("{PREFIX}{random:016x}");
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = rustix::fs::openat(
            folder.descriptor(),
            &temporary,
            flags,
            Mode::from_raw_mode(0o666),
        )?;
        Ok(Self {
            folder: folder.descriptor().try_clone_to_owned()?,
            temporary,
            file: file.into(),
            is_kept: false,
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

    /// Gives the file its own name, if nothing has that name; the fresh file is left as it is
    /// otherwise, so that another name can be tried.
    ///
    /// # Errors
    /// [`Error::Taken`] when something of that name is there, even if it came this instant.
    pub fn keep_as(&mut self, name: &str) -> Result<Facts, Error> {
        let folder = &self.folder;
        match rustix::fs::renameat_with(
            folder,
            &self.temporary,
            folder,
            name,
            RenameFlags::NOREPLACE,
        ) {
            Ok(()) => self.is_kept = true,
            // The file system cannot rename without replacing; a second link cannot replace either.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(folder, &self.temporary, folder, name, AtFlags::empty())?;
            }
            Err(errno) => return Err(errno.into()),
        }
        self.settle()
    }

    /// Gives the file its own name in place of whatever has it.
    ///
    /// # Errors
    /// What `rename(2)` says; the old file is then still there.
    pub fn replace(&mut self, name: &str) -> Result<Facts, Error> {
        rustix::fs::renameat(&self.folder, &self.temporary, &self.folder, name)?;
        self.is_kept = true;
        self.settle()
    }

    /// The new name is in the folder, which has to reach the disk as well.
    fn settle(&self) -> Result<Facts, Error> {
        rustix::fs::fsync(self.folder.as_fd())?;
        Ok(Facts::from(&rustix::fs::fstat(&self.file)?))
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // Nothing can be done for a name that cannot be removed; it is hidden in any case.
            let _ = rustix::fs::unlinkat(&self.folder, &self.temporary, AtFlags::empty());
        }
    }
}
