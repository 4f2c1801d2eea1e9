//! Questions and answers by the line: Python's `makefile`.

use std::io::{BufRead, Write};
use std::thread;
use std::time::Duration;

use landline_socket::{Family, Kind, Protocol, Result, Socket};

pub(crate) fn main() -> std::io::Result<()> {
    let (here, there) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT)?;
    let server = thread::spawn(move || shout_back(&there));

    // Each receive may take this long; after a timeout the file refuses to go on.
    here.set_timeout(Duration::from_secs(5))?;
    let mut file = here.make_file();
    for line in ["hello", "world"] {
        writeln!(file, "{line}")?;
        file.flush()?;
        let mut answer = String::new();
        file.read_line(&mut answer)?;
        assert_eq!(answer, format!("{}\n", line.to_uppercase()));
    }
    file.close()?;
    here.close()?;
    assert_eq!(server.join().expect("the server ends")?, 2);
    Ok(())
}

/// Answers every line in capitals until the peer is done; how many there were.
fn shout_back(socket: &Socket) -> Result<usize, std::io::Error> {
    let mut file = socket.make_file();
    let mut line = String::new();
    let mut count = 0;
    // At most 64 KiB: a longer line is an error.
    while file.read_line(&mut line)? > 0 {
        file.write_all(line.to_uppercase().as_bytes())?;
        file.flush()?;
        line.clear();
        count += 1;
    }
    Ok(count)
}
