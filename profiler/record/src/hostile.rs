//! JVM options that do not go together with an agent, and why. Looked for on the command line and in
//! the environment variables the JVM reads options from, before anything is started.

use crate::error::RecordError;
use crate::java_command::words;

/// Environment variables that hold JVM options.
const OPTION_VARIABLES: [&str; 3] = ["JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"];

const DUMPS: &str = "it makes this run write a class archive, and the archive must not hold an \
                     agent's classes";
const TWICE: &str = "another beehive agent is already in the command";

/// How an agent comes into the JVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// By `-agentpath` at start.
    Start,
    /// By the attach protocol.
    Attach,
}

/// Refuses the first hostile option of the command line or of the environment.
pub(crate) fn check(
    options: &[String],
    environment: impl Fn(&str) -> Option<String>,
    entrance: Entrance,
) -> Result<(), RecordError> {
    refuse(options, "command line", entrance)?;
    for variable in OPTION_VARIABLES {
        let options = environment(variable).map(|value| words(&value)).unwrap_or_default();
        refuse(&options, variable, entrance)?;
    }
    Ok(())
}

fn refuse(options: &[String], place: &str, entrance: Entrance) -> Result<(), RecordError> {
    match options.iter().find_map(|option| Some((option, reason(option, entrance)?))) {
        None => Ok(()),
        Some((flag, reason)) => {
            Err(RecordError::HostileFlag { flag: flag.clone(), place: place.to_owned(), reason })
        }
    }
}

/// Why the option is hostile, if it is.
fn reason(option: &str, entrance: Entrance) -> Option<&'static str> {
    const DUMPING: [&str; 6] = [
        "-Xshare:dump",
        "-XX:ArchiveClassesAtExit=",
        "-XX:AOTMode=record",
        "-XX:AOTMode=create",
        "-XX:AOTCacheOutput=",
        "-XX:+RecordDynamicDumpInfo",
    ];
    if DUMPING.iter().any(|flag| option.starts_with(flag)) {
        return Some(DUMPS);
    }
    if entrance == Entrance::Start {
        let is_own = option.starts_with("-agentpath:") && option.contains("beehive_agent");
        return is_own.then_some(TWICE);
    }
    match option {
        "-XX:+DisableAttachMechanism" => Some("it closes the JVM to every later agent"),
        "-XX:-EnableDynamicAgentLoading" => Some("it forbids loading an agent into a running JVM"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(options: &[&str], entrance: Entrance) -> Option<String> {
        let options: Vec<String> = options.iter().map(|&o| o.to_owned()).collect();
        check(&options, |_| None, entrance).err().map(|e| e.to_string())
    }

    #[test]
    fn archive_writing_runs_are_refused_and_archive_reading_ones_are_not() {
        assert!(refusal(&["-Xmx1g", "-XX:ArchiveClassesAtExit=a.jsa"], Entrance::Start).is_some());
        assert!(refusal(&["-XX:AOTMode=record"], Entrance::Start).is_some());
        assert!(
            refusal(&["-XX:SharedArchiveFile=a.jsa", "-Xshare:auto"], Entrance::Start).is_none()
        );
    }

    #[test]
    fn reading_an_aot_cache_is_not_refused() {
        for mode in ["-XX:AOTMode=auto", "-XX:AOTMode=on", "-XX:AOTMode=off"] {
            assert!(refusal(&[mode, "-XX:AOTCache=a.aot"], Entrance::Start).is_none());
        }
        assert!(refusal(&["-XX:AOTCache=a.aot"], Entrance::Attach).is_none());
    }

    #[test]
    fn attach_options_matter_only_to_attaching() {
        let options = ["-XX:+DisableAttachMechanism"];
        assert!(refusal(&options, Entrance::Start).is_none());
        assert!(refusal(&options, Entrance::Attach).is_some());
    }

    #[test]
    fn options_in_the_environment_are_seen_and_named() {
        let environment = |name: &str| {
            (name == "JAVA_TOOL_OPTIONS")
                .then(|| "-Dx=1 -agentpath:/t/libbeehive_agent.so=c".into())
        };
        let error = check(&[], environment, Entrance::Start).unwrap_err();
        assert!(error.to_string().contains("JAVA_TOOL_OPTIONS"), "{error}");
    }
}
