//! Ctrl-C and SIGTERM: the first asks to stop, and what runs is given its time to end; the second does not ask.

use std::io;
use std::time::Duration;

use landline_tools::base::Stop;
use tokio::signal::unix::{SignalKind, signal};

use crate::exit;

/// Throws `stop` when the process is asked to end, and ends it when it is asked again.
///
/// # Errors
/// When signals cannot be waited for.
pub(crate) fn stops(stop: &Stop) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    // Registered before this returns, so that no signal is missed from here on.
    let (mut interrupted, mut terminated) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    let stop = stop.clone();
    std::thread::Builder::new()
        .name("landline-signal".to_owned())
        .spawn(move || {
            let mut next = async || {
                tokio::select! {
                    _ = interrupted.recv() => {}
                    _ = terminated.recv() => {}
                }
            };
            runtime.block_on(next());
            stop.stop();
            // Whoever asks again means it; and what has not ended by now never will.
            let _ = runtime.block_on(async { tokio::time::timeout(LONGEST_END, next()).await });
            exit::at_once();
        })?;
    Ok(())
}

/// Transfers get 5 s, and the rest is done in a moment.
const LONGEST_END: Duration = Duration::from_secs(8);
