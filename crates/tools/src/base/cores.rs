//! One event loop per core: a single-threaded runtime each, nothing handed across.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::Stop;

/// How many event loops a server runs when nobody says otherwise: one per core it may use.
#[must_use]
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work` on an event loop of its own for each of `inputs`, and returns when all have ended.
///
/// Each is a thread with a single-threaded tokio runtime: what is accepted there is parsed and
/// answered there, because a wake-up across cores costs more than the work it would share out.
/// One that ends, however it does, throws `stop`, so that none goes on alone.
///
/// # Errors
/// When a thread or a runtime cannot be made, a loop panicked, or `work` failed on one.
pub fn on_each<T, F, W>(inputs: Vec<T>, stop: &Stop, work: F) -> io::Result<()>
where
    T: Send,
    F: Fn(T) -> W + Sync,
    W: Future<Output = io::Result<()>>,
{
    // All of them before any: what the first ones accept could leave no descriptors for the others.
    let runtimes: Vec<Runtime> = inputs
        .iter()
        .map(|_| runtime())
        .collect::<io::Result<_>>()?;
    std::thread::scope(|scope| {
        let work = &work;
        let started: Vec<_> = inputs
            .into_iter()
            .zip(runtimes)
            .map(|(input, runtime)| {
                let thread = std::thread::Builder::new().name("landline-core".to_owned());
                let ending = Ending(stop);
                thread.spawn_scoped(scope, move || {
                    let _ending = ending;
                    run(runtime, work(input))
                })
            })
            .collect();
        let outcomes: Vec<io::Result<()>> = started
            .into_iter()
            .map(|started| {
                let panicked = |_| io::Error::other("an event loop panicked");
                started?.join().map_err(panicked)?
            })
            .collect();
        outcomes.into_iter().collect()
    })
}

/// Runs `work` on an event loop of this thread, to its end; what still runs beside it then is left behind.
///
/// # Errors
/// When there can be no event loop.
pub fn on_this_thread<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(outcome)
}

/// Throws the switch when it goes, by a return, an error or a panic.
struct Ending<'s>(&'s Stop);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(Duration::from_secs(5))
        .build()
}

fn run(runtime: Runtime, work: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    let outcome = runtime.block_on(work);
    // What still runs on the pool works for nobody any more; a stuck disk must not hold the exit.
    runtime.shutdown_timeout(Duration::from_millis(500));
    outcome
}

/// Runs what may block (a disk, a resolver) on the event loop's pool.
///
/// # Errors
/// What `work` says, or that it panicked.
pub async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

/// Threads per loop for what may block: files that are not cached, writes, syncs.
const BLOCKING_THREADS: usize = 16;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    use super::{Stop, on_each};

    #[test]
    fn each_loop_is_a_thread_of_its_own() {
        let seen = Mutex::new(HashSet::new());
        on_each(vec![0, 1, 2], &Stop::new(), |input| {
            let seen = &seen;
            async move {
                let thread = std::thread::current().id();
                seen.lock().unwrap().insert((input, thread));
                Ok(())
            }
        })
        .unwrap();
        let seen = seen.into_inner().unwrap();
        assert_eq!(seen.len(), 3);
        let threads: HashSet<_> = seen.iter().map(|(_, thread)| thread).collect();
        assert_eq!(threads.len(), 3);
    }

    #[test]
    fn one_that_fails_or_panics_ends_the_others() {
        for panics in [false, true] {
            let stop = Stop::new();
            let outcome = on_each(vec![true, false], &stop, |fails| {
                let stop = &stop;
                async move {
                    assert!(!(fails && panics), "as it should");
                    if fails {
                        return Err(std::io::Error::other("as it should"));
                    }
                    stop.stopped().await;
                    Ok(())
                }
            });
            assert!(outcome.is_err());
        }
    }
}
