//! One event loop per core: a single-threaded runtime each, nothing handed across.

use std::io;
use std::time::Duration;

/// How many event loops a server runs when nobody says otherwise: one per core it may use.
#[must_use]
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work` once on each of `count` event loops and returns when all have ended.
///
/// Each is a thread with a single-threaded tokio runtime: what is accepted there is parsed and
/// answered there, because a wake-up across cores costs more than the work it would share out.
///
/// # Errors
/// When a thread or a runtime cannot be made, a loop panicked, or `work` failed on one.
pub fn on_each<F, W>(count: usize, work: F) -> io::Result<()>
where
    F: Fn(usize) -> W + Sync,
    W: Future<Output = io::Result<()>>,
{
    std::thread::scope(|scope| {
        let work = &work;
        let loops: Vec<_> = (0..count.max(1))
            .map(|core| {
                std::thread::Builder::new()
                    .name(format!("landline-{core}"))
                    .spawn_scoped(scope, move || run(work(core)))
            })
            .collect::<io::Result<_>>()?;
        for event_loop in loops {
            event_loop
                .join()
                .map_err(|_| io::Error::other("an event loop panicked"))??;
        }
        Ok(())
    })
}

fn run(work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(Duration::from_secs(5))
        .build()?;
    let outcome = runtime.block_on(work);
    // What still runs on the pool works for nobody any more; a stuck disk must not hold the exit.
    runtime.shutdown_timeout(Duration::from_millis(500));
    outcome
}

/// Threads per loop for what may block: files that are not cached, writes, syncs.
const BLOCKING_THREADS: usize = 16;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    #[test]
    fn each_loop_is_a_thread_of_its_own() {
        let seen = Mutex::new(HashSet::new());
        super::on_each(3, |core| {
            let seen = &seen;
            async move {
                seen.lock()
                    .unwrap()
                    .insert((core, std::thread::current().id()));
                Ok(())
            }
        })
        .unwrap();
        let seen = seen.into_inner().unwrap();
        assert_eq!(seen.len(), 3);
        assert_eq!(
            seen.iter()
                .map(|(_, thread)| thread)
                .collect::<HashSet<_>>()
                .len(),
            3
        );
    }

    #[test]
    fn a_loop_that_panics_is_an_error_not_a_hang() {
        assert!(
            super::on_each(2, |core| async move {
                assert_ne!(core, 1);
                Ok(())
            })
            .is_err()
        );
    }
}
