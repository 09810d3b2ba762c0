//! `run.conf`: what the agent and the runtime inside the server are told. Lines `key=value`, values
//! percent-encoded, so that paths and descriptors need no quoting; lists have encoded elements, joined
//! by commas. Its keys are explained in `docs/run.md`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::spec::WorkerFiles;

/// What must not stand in a value: white space, the escape, and what separates.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'=').add(b',');

/// A value as it stands in a line.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// What the server's side of a run is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerConf<'a> {
    /// What workers and the runtime must show.
    pub(crate) secret: &'a str,
    /// The control socket.
    pub(crate) control: &'a Path,
    /// The runtime jar.
    pub(crate) runtime_jar: &'a Path,
    /// What workers are started from.
    pub(crate) files: &'a WorkerFiles,
    /// How far the gate is open at first.
    pub(crate) offload: &'a str,
    /// Largest closure.
    pub(crate) closure_bytes_max: u64,
    /// Time a worker may be silent.
    pub(crate) worker_timeout: Duration,
    /// Methods with a gate, by number.
    pub(crate) roots: &'a [String],
}

impl ServerConf<'_> {
    /// The text of the file.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{key}={value}");
        };
        line("secret", &encode(self.secret));
        line("control", &encode(&self.control.display().to_string()));
        line("runtime_jar", &encode(&self.runtime_jar.display().to_string()));
        line("class_path_digest", &encode(&self.files.digest));
        line("jdk_build", &encode(&self.files.jdk_build));
        line("offload", self.offload);
        line("limit_bytes", &self.closure_bytes_max.to_string());
        line("timeout_ms", &self.worker_timeout.as_millis().to_string());
        let packages: Vec<String> = self.files.native_packages.iter().map(|p| encode(p)).collect();
        line("worker_native", &packages.join(","));
        for (number, root) in self.roots.iter().enumerate() {
            line(&format!("root.{number}"), &encode(root));
        }
        text
    }
}
