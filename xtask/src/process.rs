//! Running other programs: the command is shown, a failure names it. The one place that prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Result of a step; the error is a sentence for a person.
pub type Step<T = ()> = Result<T, String>;

/// Prints a line for the person who runs the command.
#[expect(clippy::print_stderr, reason = "xtask talks to a developer's terminal")]
pub fn say(text: &str) {
    eprintln!("{text}");
}

/// Root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A command that will run in the checkout's root.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that runs this. It builds into `target`, where the steps that follow look, wherever the
/// environment would have it.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut cargo = command(&cargo, arguments);
    cargo.env_remove("CARGO_TARGET_DIR");
    cargo
}

/// Shows and runs a command; fails with its name and status.
pub fn run(command: &mut Command) -> Step {
    let shown = shown(command);
    say(&format!("\n$ {shown}"));
    let status = command.status().map_err(|e| format!("cannot run `{shown}`: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed: {status}")) }
}

/// Shows and runs commands side by side; what each has printed follows once it has ended, and is kept
/// apart. Fails with the names of those that failed, after all have ended.
pub fn run_together(commands: &mut [Command]) -> Step {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> =
            commands.iter_mut().map(|command| scope.spawn(|| run_captured(command))).collect();
        let ended = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        let error = |step: std::thread::Result<Step>| match step {
            Ok(step) => step.err(),
            Err(_) => Some("a thread panicked".to_owned()),
        };
        ended.filter_map(error).collect()
    });
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

fn run_captured(command: &mut Command) -> Step {
    let shown = shown(command);
    say(&format!("\n$ {shown} (beside others)"));
    let output = command.output().map_err(|e| format!("cannot run `{shown}`: {e}"))?;
    let text = [output.stdout, output.stderr].concat();
    say(&format!("\n{shown}:\n{}", String::from_utf8_lossy(&text).trim_end()));
    let status = output.status;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed: {status}")) }
}

/// Standard output of a command, quietly; `None` if it cannot be run or fails.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be found.
pub fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|w| w.to_string_lossy().into_owned()).collect();
    let root = format!("{}/", root().display());
    words.join(" ").replace(&root, "")
}

/// A port nobody uses at this moment.
pub fn free_port() -> Step<u16> {
    crate::ports::free_port().ok_or_else(|| "no port is free".to_owned())
}
