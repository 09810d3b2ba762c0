//! The agent's end of the channel: connect, hello, frames out, commands in. Writes are bounded in time,
//! and after the first failure nothing is sent any more: the application must not wait for a host.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use beehive_trace::{
    AgentConfig, COMMAND_DETACH, COMMAND_FLUSH, COMMAND_GO, Chunk, Hello, encode_chunk,
};

use crate::error::AgentError;

/// How long the JVM's start may wait for the host's answer.
const GO_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a sending may stall before the host counts as gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// The same while the JVM ends.
const LAST_SEND_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the host's socket.
pub(crate) fn connect(config: &AgentConfig) -> Result<UnixStream, AgentError> {
    UnixStream::connect(&config.socket).map_err(|e| socket_error("connect to", config, e))
}

/// Says hello and waits for the host to accept.
pub(crate) fn shake_hands(
    mut stream: UnixStream,
    config: &AgentConfig,
    hello: &Hello,
) -> Result<(Sender, Commands), AgentError> {
    let text = serde_json::to_vec(hello).unwrap_or_default();
    let mut message = (text.len() as u32).to_le_bytes().to_vec();
    message.extend_from_slice(&text);
    let error = |action| move |e| socket_error(action, config, e);
    stream.set_write_timeout(Some(SEND_TIMEOUT)).map_err(error("set up"))?;
    stream.set_read_timeout(Some(GO_TIMEOUT)).map_err(error("set up"))?;
    stream.write_all(&message).map_err(error("write to"))?;
    let mut answer = [0];
    stream.read_exact(&mut answer).map_err(error("get an answer from"))?;
    if answer != [COMMAND_GO] {
        return Err(AgentError::Refused);
    }
    let commands = stream.try_clone().map_err(error("set up"))?;
    Ok((Sender { stream: Some(stream) }, Commands(commands)))
}

fn socket_error(action: &'static str, config: &AgentConfig, source: std::io::Error) -> AgentError {
    AgentError::Socket { action, socket: config.socket.clone(), source }
}

/// Sends chunks until the host is gone.
#[derive(Debug)]
pub(crate) struct Sender {
    stream: Option<UnixStream>,
}

impl Sender {
    /// Sends the chunks; false when the host is gone, now or before.
    pub(crate) fn send(&mut self, chunks: &[Chunk]) -> Result<bool, AgentError> {
        let Some(stream) = &mut self.stream else { return Ok(false) };
        let mut frames = Vec::new();
        for chunk in chunks {
            frames.extend_from_slice(&encode_chunk(chunk)?);
        }
        // A frame cut in the middle cannot be taken up again, so any failure is the end.
        if stream.write_all(&frames).is_err() {
            self.stream = None;
        }
        Ok(self.stream.is_some())
    }

    /// The JVM ends: from now on a stalled host is waited for only briefly.
    pub(crate) fn hurry(&mut self) {
        if let Some(stream) = &self.stream {
            // If the timeout cannot be set, the longer one stays.
            let _ = stream.set_write_timeout(Some(LAST_SEND_TIMEOUT));
        }
    }

    /// Ends the stream; the host sees its end behind the last frame.
    pub(crate) fn close(&mut self) {
        if let Some(stream) = self.stream.take() {
            // The host may have closed first.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// What the agent thread does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// The interval is over, or the host wants what there is.
    Flush,
    /// Undo and leave.
    Detach,
    /// The host is gone.
    Gone,
}

/// The host's commands.
#[derive(Debug)]
pub(crate) struct Commands(UnixStream);

impl Commands {
    /// Waits for a command; after `interval` it is a flush.
    pub(crate) fn next(&mut self, interval: Duration) -> Command {
        let deadline = Instant::now() + interval;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Command::Flush;
            }
            let mut byte = [0];
            let read = self.0.set_read_timeout(Some(left)).and_then(|()| self.0.read(&mut byte));
            match (read, byte) {
                (Ok(1), [COMMAND_FLUSH]) => return Command::Flush,
                (Ok(1), [COMMAND_DETACH]) => return Command::Detach,
                // A command of a later version of the channel.
                (Ok(1), _) => {}
                (Ok(_), _) => return Command::Gone,
                (Err(e), _) => match e.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                    _ => return Command::Gone,
                },
            }
        }
    }
}
