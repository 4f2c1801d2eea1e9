//! `SIGPIPE` kept away from calls that have no flag against it.

use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use rustix::io::Errno;

/// Runs a call that sends `count` bytes and would send this thread `SIGPIPE` where the peer is gone, without that signal.
///
/// A Rust program ignores it from its start, so this mostly asks no more than whether that still holds (0.1 us). Where
/// it does not (a C or Python program that took us in, or one that wants to die quietly in a pipeline), the thread
/// is deaf to it for the time of the call, and what the call sent it is taken away; a handler of the
/// program's is not run either.
///
/// Only a call that did not send everything may have sent the signal: `EPIPE`, or a part, as the peer may go between two
/// pieces of a file. One that comes beside any other outcome is another's, and stays.
pub(crate) fn without_sigpipe(
    count: usize,
    call: impl FnOnce() -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    if is_ignored() {
        return call();
    }
    // One that was there before is the program's, and stays.
    let was_pending = is_pending();
    let before = set_mask(libc::SIG_BLOCK, &only_sigpipe());
    let outcome = call();
    let may_be_its_own = match outcome {
        Ok(sent) => sent < count,
        Err(errno) => errno == Errno::PIPE,
    };
    if may_be_its_own && !was_pending && is_pending() {
        take();
    }
    set_mask(libc::SIG_SETMASK, &before);
    outcome
}

fn is_ignored() -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: no new action is given, and the old one is written to memory of that type.
    let outcome = unsafe { libc::sigaction(libc::SIGPIPE, null(), action.as_mut_ptr()) };
    // SAFETY: a sigaction of zeros is a valid one (of numbers and an optional function), and so is a written one.
    let action = unsafe { action.assume_init() };
    outcome == 0 && action.sa_sigaction == libc::SIG_IGN
}

fn only_sigpipe() -> libc::sigset_t {
    let mut set = MaybeUninit::zeroed();
    // SAFETY: sigemptyset initialises the set it is given, before sigaddset adds to it; both fail only for
    // numbers that are no signal.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        set.assume_init()
    }
}

fn is_pending() -> bool {
    let mut set = only_sigpipe();
    // SAFETY: the set is ours to write, and initialised whether or not the call succeeds.
    unsafe { libc::sigpending(&mut set) == 0 && libc::sigismember(&set, libc::SIGPIPE) == 1 }
}

/// The calling thread's mask as it was.
fn set_mask(how: libc::c_int, set: &libc::sigset_t) -> libc::sigset_t {
    let mut before = only_sigpipe();
    // SAFETY: both sets are initialised, and the calling thread's own mask is all that changes.
    unsafe { libc::pthread_sigmask(how, set, &mut before) };
    before
}

/// Takes a pending one away, without waiting for one.
fn take() {
    let now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the set and the time are initialised, and no information about the signal is asked for.
    unsafe { libc::sigtimedwait(&only_sigpipe(), null_mut(), &now) };
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Mutex, PoisonError};
    use std::thread;

    use rustix::io::Errno;

    use crate::kind::{Family, Kind, Protocol, Shutdown};
    use crate::socket::Socket;

    fn dispose(action: libc::sighandler_t) -> libc::sighandler_t {
        // SAFETY: default and ignore are no functions that could be called.
        unsafe { libc::signal(libc::SIGPIPE, action) }
    }

    /// With a `SIGPIPE` that kills, as C starts a program. The disposition is the process's, so one test at a time.
    fn deadly(test: impl FnOnce()) {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let ignored = dispose(libc::SIG_DFL);
        assert_eq!(ignored, libc::SIG_IGN, "as Rust starts a program");
        assert!(!super::is_ignored());
        test();
        dispose(ignored);
    }

    /// A `SIGPIPE` to this thread, of somebody's who is not the call.
    fn raise() {
        // SAFETY: the callers have blocked the signal, which so only waits.
        assert_eq!(unsafe { libc::raise(libc::SIGPIPE) }, 0);
    }

    /// Were one of these calls to send the signal, this would be the end of the whole test binary.
    #[test]
    fn nothing_that_sends_is_killed_by_a_peer_that_is_gone() {
        let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        drop(other);
        let (ended, peer) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        peer.send_all(b"x").unwrap();
        ended.shutdown(Shutdown::Write).unwrap();
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 16).unwrap();
        let (outlet, mut inlet) = io::pipe().unwrap();
        inlet.write_all(b"x").unwrap();
        deadly(|| {
            let mask = super::set_mask(libc::SIG_BLOCK, &super::only_sigpipe());
            super::set_mask(libc::SIG_SETMASK, &mask);
            for socket in [&one, &ended] {
                for outcome in [
                    socket.send(b"x"),
                    socket.send_all(b"x").map(|()| 0),
                    socket.send_vectored(&[io::IoSlice::new(b"x")]),
                    socket.send_file(&file, 0, 1 << 16),
                    socket.splice_to(&outlet, 1 << 16),
                ] {
                    assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
                }
            }
            let (unread, into_unread) = io::pipe().unwrap();
            drop(unread);
            let outcome = ended.splice_from(&into_unread, 1 << 16);
            assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
            #[cfg(feature = "tokio")]
            write_awaited(into_unread);
            let after = super::set_mask(libc::SIG_SETMASK, &mask);
            // SAFETY: both sets are initialised.
            let is_masked = |set| unsafe { libc::sigismember(set, libc::SIGPIPE) };
            assert_eq!(is_masked(&after), is_masked(&mask), "as it was before");
            assert!(!super::is_pending());
        });
    }

    #[cfg(feature = "tokio")]
    fn write_awaited(unread: io::PipeWriter) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let outcome = runtime.enable_io().build().unwrap().block_on(async {
            let unread = crate::AsyncDescriptor::new(unread.into()).unwrap();
            unread.write(b"x").await
        });
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    /// The kernel sends a file by the piece: when the peer goes between two, the signal comes and the count of the
    /// first pieces too. This would be the end of the test binary as well, at one try in ten or so.
    #[test]
    fn a_file_that_went_in_part_does_not_kill_either() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(16 << 20).unwrap();
        deadly(|| {
            for pieces in 0..500 {
                let (one, other) =
                    Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
                let peer = thread::spawn(move || {
                    for _ in 0..=pieces % 20 {
                        other.recv(&mut [0; 4096]).unwrap();
                    }
                });
                assert!(one.send_file(&file, 0, 16 << 20).unwrap() < 16 << 20);
                peer.join().unwrap();
            }
        });
    }

    #[test]
    fn a_signal_that_was_there_before_and_one_that_is_anothers_stay() {
        deadly(|| {
            let mask = super::set_mask(libc::SIG_BLOCK, &super::only_sigpipe());
            raise();
            let broken = super::without_sigpipe(1, || {
                raise();
                Err(Errno::PIPE)
            });
            assert_eq!(broken, Err(Errno::PIPE));
            assert!(super::is_pending(), "it was there before");
            super::take();
            assert!(!super::is_pending());

            // What went as a whole, or failed by something else, sent no signal.
            for outcome in [Ok(1), Err(Errno::AGAIN), Err(Errno::CONNRESET)] {
                let told = super::without_sigpipe(1, || {
                    raise();
                    outcome
                });
                assert_eq!(told, outcome);
                assert!(super::is_pending(), "{outcome:?}");
                super::take();
            }
            // What may have.
            for outcome in [Ok(1), Ok(0), Err(Errno::PIPE)] {
                let told = super::without_sigpipe(2, || {
                    raise();
                    outcome
                });
                assert_eq!(told, outcome);
                assert!(!super::is_pending(), "{outcome:?}");
            }
            super::set_mask(libc::SIG_SETMASK, &mask);
        });
    }

    /// `EINTR`, of a call that waits in the kernel itself.
    #[test]
    fn a_call_that_a_signal_interrupts_goes_on() {
        extern "C" fn nothing(_: libc::c_int) {}
        // SAFETY: the handler does nothing, so it is safe at any moment; without SA_RESTART calls are interrupted.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = nothing as *const () as libc::sighandler_t;
            assert_eq!(
                libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()),
                0
            );
        }
        let (one, other) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        let (number, told) = Socket::pair(Family::UNIX, Kind::STREAM, Protocol::DEFAULT).unwrap();
        let receiver = std::thread::spawn(move || {
            let thread = rustix::thread::gettid().as_raw_nonzero().get();
            told.send_all(&thread.to_ne_bytes()).unwrap();
            one.recv(&mut [0; 4])
        });
        let mut thread = [0; 4];
        number.recv(&mut thread).unwrap();
        for _ in 0..1000 {
            // SAFETY: a signal that is handled, to a thread of this process that still waits: nothing was sent yet.
            let sent = unsafe {
                let process = libc::getpid();
                libc::syscall(
                    libc::SYS_tgkill,
                    process,
                    i32::from_ne_bytes(thread),
                    libc::SIGUSR2,
                )
            };
            assert_eq!(sent, 0);
            std::thread::yield_now();
        }
        other.send(b"late").unwrap();
        assert_eq!(receiver.join().unwrap().unwrap(), 4);
    }
}
