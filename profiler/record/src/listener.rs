//! The host's end of the channel: accepts agents on the run's socket, checks their hello, and appends
//! what they send to their recordings. One thread for accepting, one an agent.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::Sender;
use std::time::Duration;

use beehive_trace::{CHANNEL_VERSION, COMMAND_GO, Hello, RunFacts, decode_chunk};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};

use crate::error::RecordError;
use crate::link::{Link, Links};
use crate::recording::Recording;
use crate::session::Event;

/// Longest hello accepted, bytes.
const LONGEST_HELLO: u32 = 1 << 16;
/// Longest frame accepted, bytes; the agent's are far below.
const LONGEST_FRAME: u32 = 1 << 30;
/// Time an agent has to say its hello once it has connected.
const HELLO_TIME: Duration = Duration::from_secs(20);

/// Accepts agents until dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    socket: PathBuf,
    token: String,
    output: PathBuf,
    run: RunFacts,
    links: Links,
    /// Made before the start to see that it can be; taken by the first agent.
    first: Mutex<Option<Recording>>,
    finished: Mutex<Vec<(Link, Recording)>>,
    events: Sender<Event>,
    is_closed: AtomicBool,
}

/// What a listener needs to know.
#[derive(Debug)]
pub(crate) struct ListenerSpec {
    /// Path of the socket to be made.
    pub(crate) socket: PathBuf,
    /// Secret an agent must show.
    pub(crate) token: String,
    /// The trace to be written; recordings stand beside it.
    pub(crate) output: PathBuf,
    /// Facts at the head of every recording.
    pub(crate) run: RunFacts,
}

impl Listener {
    /// Makes the first recording and the socket, and begins to accept.
    pub(crate) fn start(
        spec: ListenerSpec,
        links: Links,
        events: Sender<Event>,
    ) -> Result<Self, RecordError> {
        let first = Recording::create(&spec.output, &spec.run)?;
        let listener = match UnixListener::bind(&spec.socket) {
            Ok(listener) => listener,
            Err(error) => {
                first.remove();
                return Err(RecordError::system("make the agent's socket")(error));
            }
        };
        let ListenerSpec { socket, token, output, run } = spec;
        let shared = Arc::new(Shared {
            socket,
            token,
            output,
            run,
            links,
            first: Mutex::new(Some(first)),
            finished: Mutex::default(),
            events,
            is_closed: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accept(&accepting, &listener));
        Ok(Self { shared })
    }

    /// The recordings of all agents whose streams have ended, with their links; the one of no agent
    /// is removed. To be called once.
    pub(crate) fn finish(&self) -> Vec<(Link, Recording)> {
        if let Some(unused) = lock(&self.shared.first).take() {
            unused.remove();
        }
        std::mem::take(&mut *lock(&self.shared.finished))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Relaxed);
        // Wakes the accepting thread; if the socket is gone it sleeps until the process ends.
        let _ = UnixStream::connect(&self.shared.socket);
        if let Some(unused) = lock(&self.shared.first).take() {
            unused.remove();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn accept(shared: &Arc<Shared>, listener: &UnixListener) {
    while !shared.is_closed.load(Relaxed) {
        let Ok((stream, _)) = listener.accept() else { return };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || serve(&shared, stream));
    }
}

/// The whole life of one agent's connection.
fn serve(shared: &Shared, stream: UnixStream) {
    let Some(hello) = handshake(shared, &stream) else { return };
    let pid = peer_pid(&stream).unwrap_or(hello.pid);
    if let Some(problem) = problem_of(&hello) {
        // A run that is over does not listen any more.
        let _ = shared.events.send(Event::AgentProblem { pid, problem });
        return;
    }
    let recording = match next_recording(shared) {
        Ok(recording) => recording,
        Err(error) => {
            let problem = error.to_string();
            let _ = shared.events.send(Event::AgentProblem { pid, problem });
            return;
        }
    };
    let (Ok(writer), Ok(())) = (stream.try_clone(), (&stream).write_all(&[COMMAND_GO])) else {
        recording.remove();
        return;
    };
    let link = Link::new(pid, hello, writer);
    shared.links.push(link.clone());
    let _ = shared.events.send(Event::AgentJoined);
    let recording = collect(&link, stream, recording);
    lock(&shared.finished).push((link.clone(), recording));
    link.counters.is_gone.store(true, Relaxed);
    let _ = shared.events.send(Event::AgentLeft);
}

/// Reads the hello; `None` for anyone without the token.
fn handshake(shared: &Shared, mut stream: &UnixStream) -> Option<Hello> {
    stream.set_read_timeout(Some(HELLO_TIME)).ok()?;
    stream.set_write_timeout(Some(Duration::from_secs(2))).ok()?;
    let mut length = [0u8; 4];
    stream.read_exact(&mut length).ok()?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST_HELLO {
        return None;
    }
    let mut json = vec![0u8; length as usize];
    stream.read_exact(&mut json).ok()?;
    let hello: Hello = serde_json::from_slice(&json).ok()?;
    stream.set_read_timeout(None).ok()?;
    (hello.token == shared.token).then_some(hello)
}

fn problem_of(hello: &Hello) -> Option<String> {
    let version = hello.version;
    let other = (version != CHANNEL_VERSION)
        .then(|| format!("it speaks channel version {version}, this beehive {CHANNEL_VERSION}"));
    hello.problem.clone().or(other)
}

fn peer_pid(stream: &UnixStream) -> Option<u32> {
    let credentials = getsockopt(stream, PeerCredentials).ok()?;
    u32::try_from(credentials.pid()).ok().filter(|pid| *pid > 0)
}

fn next_recording(shared: &Shared) -> Result<Recording, RecordError> {
    match lock(&shared.first).take() {
        Some(recording) => Ok(recording),
        None => Recording::create(&shared.output, &shared.run),
    }
}

/// Appends whole, undamaged frames until the stream ends.
fn collect(link: &Link, mut stream: UnixStream, mut recording: Recording) -> Recording {
    let mut frame = Vec::new();
    while read_frame(&mut stream, &mut frame).is_ok() {
        let Ok(Some((chunk, _))) = decode_chunk(&frame, 0) else {
            link.counters.bad_frames.fetch_add(1, Relaxed);
            break;
        };
        link.counters.see(&chunk);
        recording.append(&frame);
        link.counters.bytes.store(recording.length(), Relaxed);
    }
    // The agent notices and leaves the application alone.
    let _ = stream.shutdown(std::net::Shutdown::Both);
    recording
}

fn read_frame(stream: &mut UnixStream, frame: &mut Vec<u8>) -> std::io::Result<()> {
    let mut head = [0u8; 8];
    stream.read_exact(&mut head)?;
    let length = head.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    if length > LONGEST_FRAME {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    frame.clear();
    frame.extend_from_slice(&head);
    let body = stream.take(u64::from(length)).read_to_end(frame)?;
    if body < length as usize { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}
