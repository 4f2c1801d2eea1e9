//! The socket as the standard library's stream of bytes: `Read` and `Write`.

use std::io::{self, IoSlice, Read, Write};

use crate::socket::Socket;

/// `recv`, as the standard library calls it.
///
/// Unlike a `TcpStream`'s, a timeout is [`io::ErrorKind::TimedOut`]; `WouldBlock` is a timeout of zero.
impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.recv(buffer)?)
    }
}

/// `recv`, as the standard library calls it.
impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.recv(buffer)?)
    }
}

/// `send`, as the standard library calls it; `write_all` is [`Socket::send_all`], under one deadline.
impl Write for &Socket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Ok(self.send(data)?)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(self.send_vectored(pieces)?)
    }

    fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        Ok(self.send_all(data)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `send`, as the standard library calls it; `write_all` is [`Socket::send_all`], under one deadline.
impl Write for Socket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        (&*self).write(data)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self).write_vectored(pieces)
    }

    fn write_all(&mut self, data: &[u8]) -> io::Result<()> {
        (&*self).write_all(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
