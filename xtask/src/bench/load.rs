//! A closed-loop client for saturation: a few keep-alive connections, each sending the next request
//! when the last answer is complete. The open-loop driver of `profile` measures latency; this one
//! keeps the server's threads busy so that processor time per request can be read.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::http::{Connection, Request};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a stretch of load came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch {
    /// Complete answers.
    pub requests: u64,
    /// Answers that were neither success nor redirection.
    pub failed: u64,
    /// Length of the stretch.
    pub seconds: f64,
}

/// Sends `paths` in turn over `connections` connections until `requests` answers have come.
pub fn until_requests(port: u16, paths: &[&str], connections: usize, requests: u64) -> Stretch {
    drive(port, &gets(paths), connections, |done, _| done >= requests)
}

/// Sends `requests` in turn over `connections` connections for a time.
pub fn for_time(port: u16, requests: &[Request], connections: usize, time: Duration) -> Stretch {
    drive(port, requests, connections, |_, elapsed| elapsed >= time)
}

/// Requests for these paths.
pub fn gets(paths: &[&str]) -> Vec<Request> {
    paths.iter().map(|path| Request::get(path)).collect()
}

fn drive(
    port: u16,
    requests: &[Request],
    connections: usize,
    is_over: impl Fn(u64, Duration) -> bool + Sync,
) -> Stretch {
    let (done, failed, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for offset in 0..connections {
            let (done, failed, stop, is_over) = (&done, &failed, &stop, &is_over);
            scope.spawn(move || {
                let mut connection = Connection::new(port, TIMEOUT);
                for request in requests.iter().cycle().skip(offset * 7) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    if !connection.send(request).is_ok_and(|answer| answer.status < 400) {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                    let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if is_over(count, start.elapsed()) {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Stretch {
        requests: done.into_inner(),
        failed: failed.into_inner(),
        seconds: start.elapsed().as_secs_f64(),
    }
}
