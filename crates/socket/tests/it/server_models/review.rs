//! What a reviewer broke.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use landline_socket::server::{Options, reply};

use super::{Home, MODELS, client, is_closed, options, start};

/// A peer that always has more to say than the handler can take is ended in time all the same.
#[test]
fn who_never_pauses_is_overdue_too() {
    for &model in MODELS {
        let brief = Options {
            longest: Some(Duration::from_millis(300)),
            ..options(model)
        };
        let busy = reply(|_, _| {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_micros(500) {}
        });
        let server = start(Home::Tcp, busy, &brief);
        let mut floods =
            TcpStream::connect(("127.0.0.1", server.address().port().unwrap())).unwrap();
        let (begun, data) = (Instant::now(), vec![0; 256 * 1024]);
        while begun.elapsed() < Duration::from_secs(3) && floods.write(&data).is_ok() {}
        assert!(begun.elapsed() < Duration::from_secs(2), "{model:?}");
        server.stop();
        assert_eq!(server.join().unwrap().failed, 1, "{model:?}");
    }
}

/// Panics when it goes, as does what it panics with.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("as it should"));
    }
}

#[test]
fn what_it_panics_with_may_panic_too() {
    for &model in MODELS {
        let bomb = reply(|_, _| std::panic::resume_unwind(Box::new(Bomb)));
        let server = start(Home::Tcp, bomb, &options(model));
        for _ in 0..2 {
            let unlucky = client(Home::Tcp, server.address());
            unlucky.send(b"x").unwrap();
            assert!(is_closed(&unlucky), "{model:?}");
        }
        server.stop();
        assert_eq!(server.join().unwrap().panicked, 2, "{model:?}");
    }
}

/// An async function's too: where it is called, and where it runs.
#[cfg(feature = "tokio")]
#[tokio::test]
async fn what_a_task_panics_with_may_panic_too() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use landline_socket::AsyncSocket;
    use landline_socket::server::{Door, Limits, Stop, accept};

    let listener = Home::Tcp.listener();
    let address = listener.local_address().unwrap();
    let listener = AsyncSocket::from_socket(listener).unwrap();
    let (door, stop) = (Door::new(Limits::default()), Stop::new());
    let calls = Arc::new(AtomicU64::new(0));
    let explode = |_: AsyncSocket, _| {
        if calls.fetch_add(1, Ordering::Relaxed) == 0 {
            std::panic::resume_unwind(Box::new(Bomb));
        }
        async { std::panic::resume_unwind(Box::new(Bomb)) }
    };
    let callers = tokio::task::spawn_blocking({
        let stop = stop.clone();
        move || {
            for _ in 0..3 {
                assert!(is_closed(&client(Home::Tcp, &address)));
            }
            stop.stop();
        }
    });
    let report = accept(listener, &door, &stop, super::PATIENCE, explode).await;
    callers.await.unwrap();
    assert_eq!(report.unwrap().panicked, 3);
}
