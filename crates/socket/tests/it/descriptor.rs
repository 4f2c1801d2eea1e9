//! `AsyncDescriptor`: pipes, terminals and inherited sockets, read and written without a change to them.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::time::Duration;

use landline_socket::{AsyncDescriptor, Timeout};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use tokio::time::timeout;

use crate::unix_pair;

const SOON: Duration = Duration::from_millis(20);

fn watched(descriptor: impl Into<OwnedFd>) -> AsyncDescriptor {
    AsyncDescriptor::new(descriptor.into()).unwrap()
}

fn duplicate_of(pipe: &PipeReader) -> PipeReader {
    pipe.try_clone().unwrap()
}

#[tokio::test]
async fn whole_streams_go_through_a_pipe_that_stays_blocking() {
    let data: Vec<u8> = (0..3_000_000_u32).map(|n| (n / 7) as u8).collect();
    let (outlet, inlet) = pipe().unwrap();
    let shared = duplicate_of(&outlet);
    let (outlet, inlet) = (watched(outlet), watched(inlet));
    let write = async {
        let mut rest = &data[..];
        while !rest.is_empty() {
            rest = &rest[inlet.write(rest).await.unwrap()..];
        }
        drop(inlet);
    };
    let read = async {
        let (mut all, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
        while let read @ 1.. = outlet.read(&mut buffer).await.unwrap() {
            all.extend_from_slice(&buffer[..read]);
        }
        all
    };
    let ((), all) = tokio::join!(write, read);
    assert!(all == data);
    assert!(!fcntl_getfl(&shared).unwrap().contains(OFlags::NONBLOCK));
}

/// Who is told "ready" and finds nothing would wait for an event that has come already, or in the kernel.
#[tokio::test]
async fn another_process_that_is_faster_costs_a_wait_and_no_more() {
    let (outlet, mut inlet) = pipe().unwrap();
    let mut other = duplicate_of(&outlet);
    let outlet = watched(outlet);
    inlet.write_all(b"x").unwrap();
    outlet.readable().await.unwrap();
    other.read_exact(&mut [0]).unwrap();
    let mut buffer = [0; 4];
    let early = timeout(SOON, outlet.read(&mut buffer)).await;
    assert!(early.is_err());
    inlet.write_all(b"y").unwrap();
    assert_eq!(outlet.read(&mut buffer).await.unwrap(), 1);
    assert_eq!(buffer[0], b'y');
}

#[tokio::test]
async fn a_full_pipe_is_waited_for_and_an_abandoned_one_is_broken() {
    let (mut outlet, inlet): (PipeReader, PipeWriter) = pipe().unwrap();
    let inlet = watched(inlet);
    let data = vec![7; 1 << 20];
    let filled = inlet.write(&data).await.unwrap();
    assert!(filled < data.len());
    assert!(timeout(SOON, inlet.write(b"x")).await.is_err());
    outlet.read_exact(&mut vec![0; filled]).unwrap();
    assert_eq!(inlet.write(b"x").await.unwrap(), 1);
    drop(outlet);
    let broken = inlet.write(b"x").await.unwrap_err();
    assert_eq!(broken.raw_os_error(), Some(Errno::PIPE.raw_os_error()));
}

#[tokio::test]
async fn a_terminal_and_an_inherited_socket_do_not_block_either() {
    let control = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&control).unwrap();
    unlockpt(&control).unwrap();
    let terminal = ioctl_tiocgptpeer(&control, OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    let (one, other) = unix_pair();
    one.set_timeout(Timeout::Never).unwrap();
    let socket = watched(one.detach());
    let terminal = watched(terminal);
    let mut buffer = [0; 64];
    for descriptor in [&terminal, &socket] {
        assert!(timeout(SOON, descriptor.read(&mut buffer)).await.is_err());
    }
    rustix::io::write(&control, b"typed\n").unwrap();
    assert_eq!(terminal.read(&mut buffer).await.unwrap(), 6);
    other.send_all(b"sent").unwrap();
    assert_eq!(socket.read(&mut buffer).await.unwrap(), 4);
    assert_eq!(socket.write(b"answered").await.unwrap(), 8);
    assert_eq!(terminal.write(b"shown").await.unwrap(), 5);
}

#[tokio::test]
async fn what_is_always_ready_is_not_watched() {
    for path in ["/dev/null", "/", env!("CARGO_MANIFEST_DIR")] {
        let file = std::fs::File::open(path).unwrap();
        let refused = AsyncDescriptor::new(file.into()).unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(Errno::PERM.raw_os_error()));
    }
}
