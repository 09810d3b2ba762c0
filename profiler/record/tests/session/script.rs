//! The scripted application and its agent.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use beehive_trace::{AgentConfig, CHANNEL_VERSION, COMMAND_FLUSH, COMMAND_GO, Chunk, Class, Edge};
use beehive_trace::{Hello, Method, OUTSIDE, encode_chunk};

/// Does nothing in an ordinary test run; with `SCRIPT` set it is the application.
#[test]
fn application() {
    let Ok(script) = std::env::var("SCRIPT") else { return };
    let (verb, number) = script.split_once(' ').unwrap_or((&script, "0"));
    let number: u16 = number.parse().unwrap();
    let status = play(verb, number);
    std::process::exit(status);
}

fn play(verb: &str, number: u16) -> i32 {
    let parent = std::os::unix::process::parent_id();
    match verb {
        "count" => {
            let mut agent = Agent::connect(None, true);
            agent.send_rows();
            agent.send_calls(10);
        }
        "killed" => {
            let mut agent = Agent::connect(None, true);
            agent.send_rows();
            agent.stream.write_all(&[9, 0, 0, 0, 1]).unwrap();
            nix::sys::signal::raise(nix::sys::signal::SIGKILL).unwrap();
        }
        "garbage" => {
            let mut agent = Agent::connect(None, true);
            agent.send_rows();
            agent.stream.write_all(&[3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]).unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
        "silent" => {}
        "stranger" => {
            Agent::connect(None, false);
        }
        "problem" => {
            Agent::connect(Some("no such capability"), true);
            std::thread::sleep(Duration::from_secs(100));
        }
        "problem_then_work" => {
            Agent::connect(Some("no such capability"), true);
            std::thread::sleep(Duration::from_millis(500));
            std::fs::write(std::env::temp_dir().join(format!("beehive-worked-{parent}")), "")
                .unwrap();
        }
        "mark" => {
            std::fs::write(std::env::temp_dir().join(format!("beehive-started-{parent}")), "")
                .unwrap();
        }
        "until_signal" => {
            let mut agent = Agent::connect(None, true);
            agent.send_rows();
            std::thread::sleep(Duration::from_secs(100));
        }
        "stubborn" => {
            let flag = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(signal_hook::consts::SIGTERM, flag).unwrap();
            let mut agent = Agent::connect(None, true);
            agent.send_rows();
            std::thread::sleep(Duration::from_secs(100));
        }
        "mute" => std::thread::sleep(Duration::from_secs(100)),
        "leave" => {
            let mut agent = Agent::connect(None, true);
            agent.send_rows();
            drop(agent);
            std::thread::sleep(Duration::from_secs(100));
        }
        "serve" => serve(number),
        other => panic!("no script {other}"),
    }
    i32::from(number)
}

/// Time `/stall` takes.
pub const STALL: Duration = Duration::from_millis(600);

/// An HTTP server that knows `/page` and `/login`; its agent counts a call a request of these two,
/// and `/missing` too.
fn serve(port: u16) {
    let served = Arc::new(AtomicU64::new(0));
    let mut agent = Agent::connect(None, true);
    agent.send_definitions();
    let counted = Arc::clone(&served);
    std::thread::spawn(move || agent.report(&counted));
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for stream in listener.incoming() {
        let served = Arc::clone(&served);
        std::thread::spawn(move || answer(stream.unwrap(), &served));
    }
}

fn answer(mut stream: std::net::TcpStream, served: &AtomicU64) {
    let mut text = String::new();
    let mut buffer = [0u8; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        while let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_owned();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
            let body: usize = length.map_or(0, |l| l.parse().unwrap());
            text.drain(..end + 4 + body);
            if head.contains(" /stall ") {
                std::thread::sleep(STALL);
            }
            let is_known = head.contains(" /page ") || head.contains(" /login ");
            if !head.starts_with("OPTIONS") {
                served.fetch_add(1, Ordering::SeqCst);
            }
            let status = if is_known { "200 OK" } else { "404 Not Found" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok");
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

struct Agent {
    stream: UnixStream,
}

impl Agent {
    /// Says hello as an agent would; the token is right or not.
    fn connect(problem: Option<&str>, is_known: bool) -> Self {
        let options = std::env::var("JAVA_TOOL_OPTIONS").unwrap();
        let option = options.split(' ').next_back().unwrap();
        assert!(option.starts_with("-agentpath:/"), "{option}");
        let config = std::fs::read(option.split_once('=').unwrap().1).unwrap();
        let config: AgentConfig = serde_json::from_slice(&config).unwrap();
        let mut stream = UnixStream::connect(&config.socket).unwrap();
        let hello = Hello {
            version: CHANNEL_VERSION,
            token: if is_known { config.token } else { "guess".to_owned() },
            pid: std::process::id(),
            jdk_build: "scripted".to_owned(),
            problem: problem.map(str::to_owned),
        };
        let json = serde_json::to_vec(&hello).unwrap();
        stream.write_all(&(json.len() as u32).to_le_bytes()).unwrap();
        stream.write_all(&json).unwrap();
        let mut go = [0u8; 1];
        let answered = stream.read_exact(&mut go).is_ok();
        assert_eq!(answered, problem.is_none() && is_known);
        assert!(!answered || go == [COMMAND_GO]);
        Self { stream }
    }

    fn send(&mut self, chunk: &Chunk) {
        self.stream.write_all(&encode_chunk(chunk).unwrap()).unwrap();
    }

    fn send_definitions(&mut self) {
        let class = Class { name: "app.Main".to_owned(), ..Class::default() };
        self.send(&Chunk::Classes { first: 0, rows: vec![class] });
        let method = Method { name: "main".to_owned(), ..Method::default() };
        self.send(&Chunk::Methods { first: 0, rows: vec![method] });
    }

    fn send_rows(&mut self) {
        self.send_definitions();
        self.send_calls(5);
    }

    fn send_calls(&mut self, count: u64) {
        self.send(&Chunk::Edges(vec![Edge { caller: OUTSIDE, callee: 0, count }]));
    }

    /// Sends what was served since the last time, at each flush, each 100 ms and at the end, which
    /// SIGTERM brings.
    fn report(&mut self, served: &AtomicU64) {
        let is_ending = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&is_ending)).unwrap();
        let mut sent = 0;
        self.stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        loop {
            let mut command = [0u8; 1];
            match self.stream.read(&mut command) {
                Ok(0) => return,
                Ok(_) => assert!(command == [COMMAND_FLUSH] || command == [b'D']),
                Err(_) => {}
            }
            let now = served.load(Ordering::SeqCst);
            if now > sent {
                self.send_calls(now - sent);
                sent = now;
            }
            if is_ending.load(Ordering::SeqCst) {
                std::process::exit(0);
            }
        }
    }
}
