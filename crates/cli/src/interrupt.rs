//! Ctrl-C and SIGTERM: the first asks to stop, and what runs is given its time to end; the second does not ask.

use std::io;

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
            let mut next = || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = interrupted.recv() => {}
                        _ = terminated.recv() => {}
                    }
                });
            };
            next();
            stop.stop();
            next();
            exit::at_once();
        })?;
    Ok(())
}
