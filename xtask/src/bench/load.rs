//! A closed-loop client for saturation: a few keep-alive connections, each sending the next request
//! when the last answer is complete. The open-loop driver of `profile` measures latency; this one
//! keeps the server's threads busy so that processor time per request can be read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a stretch of load came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch {
    /// Complete answers.
    pub requests: u64,
    /// Answers that were no 200.
    pub failed: u64,
    /// Length of the stretch.
    pub seconds: f64,
}

/// Sends `paths` in turn over `connections` connections until `requests` answers have come.
pub fn until_requests(port: u16, paths: &[&str], connections: usize, requests: u64) -> Stretch {
    drive(port, paths, connections, |done, _| done >= requests)
}

/// Sends `paths` in turn over `connections` connections for a time.
pub fn for_time(port: u16, paths: &[&str], connections: usize, time: Duration) -> Stretch {
    drive(port, paths, connections, |_, elapsed| elapsed >= time)
}

fn drive(
    port: u16,
    paths: &[&str],
    connections: usize,
    is_over: impl Fn(u64, Duration) -> bool + Sync,
) -> Stretch {
    let (done, failed, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for offset in 0..connections {
            let (done, failed, stop, is_over) = (&done, &failed, &stop, &is_over);
            scope.spawn(move || {
                let mut connection = None;
                for path in paths.iter().cycle().skip(offset * 7) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    match exchange(&mut connection, port, path) {
                        Ok(200) => {}
                        Ok(_) => drop(failed.fetch_add(1, Ordering::Relaxed)),
                        Err(_) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            connection = None;
                        }
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

/// One request and its whole answer; gives the status.
fn exchange(
    connection: &mut Option<BufReader<TcpStream>>,
    port: u16,
    path: &str,
) -> std::io::Result<u16> {
    let mut reader = match connection.take() {
        Some(open) => open,
        None => BufReader::new(TcpStream::connect(("127.0.0.1", port))?),
    };
    reader.get_ref().set_read_timeout(Some(Duration::from_secs(10)))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    reader.get_mut().write_all(request.as_bytes())?;
    let status = read_answer(&mut reader)?;
    *connection = Some(reader);
    Ok(status)
}

fn read_answer(reader: &mut BufReader<TcpStream>) -> std::io::Result<u16> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("no status line"))?;
    let (mut length, mut is_chunked) = (0usize, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        is_chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
    }
    if !is_chunked {
        skip(reader, length)?;
        return Ok(status);
    }
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        skip(reader, size + 2)?;
        if size == 0 {
            return Ok(status);
        }
    }
}

fn skip(reader: &mut BufReader<TcpStream>, bytes: usize) -> std::io::Result<()> {
    let skipped = std::io::copy(&mut reader.by_ref().take(bytes as u64), &mut std::io::sink())?;
    if skipped == bytes as u64 { Ok(()) } else { Err(std::io::Error::other("answer cut short")) }
}
