//! The only place that writes to the standard streams: data to stdout, talk to stderr. Honours
//! `--format`, `--color` and `NO_COLOR`; a closed pipe ends the program quietly.

use std::io::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::args::{ColorChoice, Format, OutputArgs};
use crate::diagnostics::Failure;

/// Writes what a verb has to say.
pub struct Printer {
    format: Format,
    quiet: bool,
}

impl Printer {
    /// Sets up colours once for the whole program.
    pub fn new(output: &OutputArgs) -> Self {
        let choice = match output.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self { format: output.format, quiet: output.quiet }
    }

    /// Format asked for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// One document of data on stdout, as text or JSON by `--format`.
    pub fn data<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) {
        match self.format {
            Format::Json => self.line_of_data(&json(value)),
            Format::Text => self.line_of_data(&text()),
        }
    }

    /// Raw text on stdout, a newline at its end.
    #[expect(clippy::unused_self, reason = "all data goes through a printer")]
    pub fn line_of_data(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        let ending = if text.ends_with('\n') { "" } else { "\n" };
        // A reader that has gone away (head, less) is no failure of ours.
        let _ = write!(out, "{text}{ending}").and_then(|()| out.flush());
    }

    /// A remark on stderr, left out with `--quiet`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{}", text.as_ref());
        }
    }

    /// A warning on stderr, never left out.
    #[expect(clippy::unused_self, reason = "all talk goes through a printer")]
    pub fn warning(&self, text: impl AsRef<str>) {
        let yellow = anstyle::AnsiColor::Yellow.on_default();
        let _ = writeln!(anstream::stderr(), "{yellow}warning:{yellow:#} {}", text.as_ref());
    }

    /// A failure: a diagnostic on stderr; with `--format json` one object on stderr.
    pub fn failure(&self, failure: &Failure) {
        if self.format == Format::Json {
            let _ = writeln!(anstream::stderr(), "{}", json(&FailureDocument::of(failure)));
            return;
        }
        let _ = writeln!(anstream::stderr(), "{}", render(failure));
    }

    /// A progress line on stderr: a spinner on a terminal, hidden elsewhere and with `--quiet`.
    pub fn spinner(&self) -> ProgressBar {
        let bar = ProgressBar::new_spinner();
        if self.quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
            bar.set_style(style);
        }
        bar
    }

    /// Whether progress is to be told by plain lines because stderr is no terminal.
    pub fn wants_plain_progress(&self) -> bool {
        !self.quiet && !std::io::IsTerminal::is_terminal(&std::io::stderr())
    }
}

/// The JSON form of a failure.
#[derive(Serialize)]
struct FailureDocument<'a> {
    error: String,
    code: &'a str,
    causes: Vec<String>,
    help: Option<&'a str>,
}

impl<'a> FailureDocument<'a> {
    fn of(failure: &'a Failure) -> Self {
        let mut causes = Vec::new();
        let mut next = std::error::Error::source(failure);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        let help = failure.help_text();
        Self { error: failure.to_string(), code: failure.code(), causes, help }
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|e| format!("{{\"error\":\"{e}\"}}"))
}

fn render(failure: &Failure) -> String {
    let mut out = String::new();
    let has_color = stderr_has_color();
    let theme = if has_color {
        miette::GraphicalTheme::unicode()
    } else {
        miette::GraphicalTheme::unicode_nocolor()
    };
    let handler = miette::GraphicalReportHandler::new_themed(theme);
    if handler.render_report(&mut out, failure).is_err() {
        out = failure.to_string();
    }
    out
}

fn stderr_has_color() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}
