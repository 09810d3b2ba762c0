//! The control socket: a Unix socket in the run's private directory. The first JVM that shows the
//! run's secret is the server; what it says becomes events, what it is to do is written to it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beehive_record::RecordError;

use crate::message::{Message, parse};
use crate::session::Event;

/// Longest line read; a measured record of some hundred roots stays far below.
const LONGEST_LINE: u64 = 16 << 20;
/// A runtime that does not read for that long is left alone.
const WRITE_TIME: Duration = Duration::from_secs(2);

/// The way to the server's runtime.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control(Arc<Mutex<Option<UnixStream>>>);

impl Control {
    /// Listens at `socket`; events go to `sender` until the runtime closes its end.
    pub(crate) fn listen(
        socket: &Path,
        secret: &str,
        sender: Sender<Event>,
    ) -> Result<Self, RecordError> {
        let failed = |source| RecordError::System {
            action: format!("listen at {}", socket.display()),
            source,
        };
        let listener = UnixListener::bind(socket).map_err(failed)?;
        let control = Self::default();
        let (shared, secret) = (control.clone(), secret.to_owned());
        // Ends with the process: it has nothing to clean up.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, secret, sender) = (shared.clone(), secret.clone(), sender.clone());
                std::thread::spawn(move || shared.converse(stream, &secret, &sender));
            }
        });
        Ok(control)
    }

    fn slot(&self) -> MutexGuard<'_, Option<UnixStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one connection to its end. Another JVM than the first is left without workers.
    fn converse(&self, stream: UnixStream, secret: &str, sender: &Sender<Event>) {
        let Ok(writer) = stream.try_clone() else { return };
        let mut reader = BufReader::new(stream);
        let first = read_line(&mut reader).and_then(|line| parse(&line));
        let is_ours = match &first {
            Some(Message::Ready(ready)) => ready.secret == secret,
            // What it cannot do it may say without the secret: nothing follows from it.
            Some(Message::Disabled { .. }) => true,
            _ => false,
        };
        if !is_ours || !self.admit(writer) {
            return;
        }
        let mut next = first;
        loop {
            if let Some(message) = next.take() {
                // A run that is over does not listen any more.
                let _ = sender.send(Event::Control(message));
            }
            match read_line(&mut reader) {
                Some(line) => next = parse(&line),
                None => break,
            }
        }
        let _ = sender.send(Event::ControlClosed);
    }

    fn admit(&self, writer: UnixStream) -> bool {
        let mut slot = self.slot();
        if slot.is_some() || writer.set_write_timeout(Some(WRITE_TIME)).is_err() {
            return false;
        }
        *slot = Some(writer);
        true
    }

    /// Sends one line; a runtime that has gone hears nothing.
    pub(crate) fn send(&self, line: &str) {
        if let Some(stream) = self.slot().as_mut() {
            let _ = stream.write_all(format!("{line}\n").as_bytes());
        }
    }
}

fn read_line(reader: &mut BufReader<UnixStream>) -> Option<String> {
    use std::io::Read;
    let mut line = String::new();
    let mut limited = reader.take(LONGEST_LINE);
    match limited.read_line(&mut line) {
        Ok(length) if length > 0 && line.ends_with('\n') => {
            line.truncate(line.trim_end().len());
            Some(line)
        }
        _ => None,
    }
}
