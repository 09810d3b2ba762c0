//! A small HTTP/1.1 client on one keep-alive connection, for load and comparison: status, body and the
//! session cookie are all it knows.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method, e.g. `GET`.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Header lines, `Name: value`.
    pub headers: Vec<String>,
    /// Body; empty for none.
    pub body: String,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body, chunks joined.
    pub body: Vec<u8>,
}

/// A connection that is opened again when it breaks, and the cookie it was given.
#[derive(Debug)]
pub struct Connection {
    port: u16,
    timeout: Duration,
    open: Option<BufReader<TcpStream>>,
    cookie: Option<String>,
}

impl Request {
    /// A plain `GET`.
    pub fn get(path: &str) -> Self {
        Self { method: "GET".to_owned(), path: path.to_owned(), ..Self::default() }
    }
}

impl Connection {
    /// To a port of this machine; an answer may take `timeout`.
    pub fn new(port: u16, timeout: Duration) -> Self {
        Self { port, timeout, open: None, cookie: None }
    }

    /// Sends a request and reads its whole answer. A server may close a connection that it has not said it
    /// would: reading is then asked for again on a new one.
    pub fn send(&mut self, request: &Request) -> Result<Answer> {
        let may_be_closed = self.open.is_some() && request.method == "GET";
        match self.exchange(request) {
            Err(error) if may_be_closed && was_closed(&error) => self.exchange(request),
            answer => answer,
        }
    }

    fn exchange(&mut self, request: &Request) -> Result<Answer> {
        let mut reader = match self.open.take() {
            Some(open) => open,
            None => BufReader::new(TcpStream::connect(("127.0.0.1", self.port))?),
        };
        reader.get_ref().set_read_timeout(Some(self.timeout))?;
        reader.get_mut().write_all(self.head(request).as_bytes())?;
        let (answer, is_kept) = self.read_answer(&mut reader)?;
        self.open = is_kept.then_some(reader);
        Ok(answer)
    }

    fn head(&self, request: &Request) -> String {
        let (method, path, port) = (&request.method, &request.path, self.port);
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        let cookie = self.cookie.iter().map(|cookie| format!("Cookie: {cookie}"));
        let length = (method != "GET").then(|| format!("Content-Length: {}", request.body.len()));
        for header in request.headers.iter().cloned().chain(cookie).chain(length) {
            text.push_str(&header);
            text.push_str("\r\n");
        }
        text + "\r\n" + &request.body
    }

    /// The answer, and whether the connection stays open.
    fn read_answer(&mut self, reader: &mut BufReader<TcpStream>) -> Result<(Answer, bool)> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| Error::other("no status line"))?;
        let (mut length, mut is_chunked, mut is_kept) = (0, false, true);
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "transfer-encoding" => is_chunked = value.contains("chunked"),
                "connection" => is_kept = !value.eq_ignore_ascii_case("close"),
                "set-cookie" => self.cookie = value.split(';').next().map(str::to_owned),
                _ => {}
            }
        }
        let mut body = Vec::new();
        if !is_chunked {
            take(reader, length, &mut body)?;
            return Ok((Answer { status, body }, is_kept));
        }
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(Error::other)?;
            take(reader, size, &mut body)?;
            take(reader, 2, &mut Vec::new())?;
            if size == 0 {
                return Ok((Answer { status, body }, is_kept));
            }
        }
    }
}

fn was_closed(error: &Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

fn take(reader: &mut BufReader<TcpStream>, bytes: usize, to: &mut Vec<u8>) -> Result<()> {
    let read = reader.by_ref().take(bytes as u64).read_to_end(to)?;
    if read == bytes { Ok(()) } else { Err(Error::other("answer cut short")) }
}
