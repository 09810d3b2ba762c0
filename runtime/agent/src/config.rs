//! The run configuration as far as the agent needs it: lines `key=value`, values percent-encoded.
//! Written by the host side, read by the Java side too; unknown keys are its business.

use std::path::Path;

use beehive_rewriting::Root;
use percent_encoding::percent_decode_str;

use crate::error::AgentError;

/// What the agent is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Jar with the runtime's classes.
    pub(crate) runtime_jar: String,
    /// Root methods with their numbers.
    pub(crate) roots: Vec<(i32, Root)>,
    /// Prefixes of internal names whose classes workers keep as they are.
    pub(crate) worker_native: Vec<String>,
}

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Self, AgentError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| AgentError::ReadConfig { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, AgentError> {
        let mut runtime_jar = None;
        let mut roots = Vec::new();
        let mut worker_native = Vec::new();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            if key == "runtime_jar" {
                runtime_jar = Some(decoded(value));
            } else if key == "worker_native" {
                let elements = value.split(',').filter(|element| !element.is_empty());
                worker_native.extend(elements.map(|element| decoded(element).replace('.', "/")));
            } else if let Some(number) = key.strip_prefix("root.").and_then(|n| n.parse().ok()) {
                roots.push((number, decoded(value).parse()?));
            }
        }
        let missing = || AgentError::MissingKey { path: path.to_owned(), key: "runtime_jar" };
        Ok(Self { runtime_jar: runtime_jar.ok_or_else(missing)?, roots, worker_native })
    }
}

fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_others_passed_over() {
        let text = "secret=x%3Dy\nruntime_jar=/a%20b/runtime.jar\n\
            root.0=a.B%23c(I)V\nroot.12=a.B#d()J\nworker_native=org.slf4j.,a%2Cb.\n";
        let config = Config::parse(text, Path::new("run.conf")).unwrap();
        assert_eq!(config.runtime_jar, "/a b/runtime.jar");
        assert_eq!(config.roots[0], (0, "a.B#c(I)V".parse().unwrap()));
        assert_eq!(config.roots[1].1.class, "a/B");
        assert_eq!(config.roots[1].0, 12);
        assert_eq!(config.worker_native, ["org/slf4j/", "a,b/"]);
    }

    #[test]
    fn without_a_runtime_jar_nothing_starts() {
        let error = Config::parse("root.0=a.B#c()V", Path::new("run.conf")).unwrap_err();
        assert_eq!(error.to_string(), "run.conf has no `runtime_jar`");
        assert!(Config::parse("runtime_jar=r\nroot.0=a.B", Path::new("x")).is_err());
    }
}
