//! `run.conf`: what the agent and the runtime inside the server are told. Lines `key=value`, values
//! percent-encoded, so that paths and descriptors need no quoting; lists have encoded elements, joined
//! by commas. Its keys are explained in `docs/run.md`.

use std::fmt::Write;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::spec::RunSpec;

/// What must not stand in a value: white space, the escape, and what separates.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'=').add(b',');

/// A value as it stands in a line.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// The text of the file.
pub(crate) fn render(spec: &RunSpec, secret: &str, control: &Path, runtime_jar: &Path) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{key}={value}");
    };
    line("secret", &encode(secret));
    line("control", &encode(&control.display().to_string()));
    line("runtime_jar", &encode(&runtime_jar.display().to_string()));
    line("class_path_digest", &encode(&spec.files.digest));
    line("jdk_build", &encode(&spec.files.jdk_build));
    // The controller opens the gate once workers can be there.
    line("offload", "off");
    line("limit_bytes", &spec.closure_bytes_max.to_string());
    line("timeout_ms", &spec.worker_timeout.as_millis().to_string());
    let packages: Vec<String> = spec.files.native_packages.iter().map(|p| encode(p)).collect();
    line("worker_native", &packages.join(","));
    for (number, root) in spec.plan.roots.iter().enumerate() {
        line(&format!("root.{number}"), &encode(root));
    }
    text
}
