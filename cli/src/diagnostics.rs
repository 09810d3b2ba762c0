//! Failures as a person sees them: what failed, why, where, and the command that helps. Errors of
//! the rooms' crates become a [`Failure`] here or in the verb that knows what would help.

use std::error::Error;
use std::fmt;
use std::path::Path;

use beehive_plan::PlanError;
use beehive_trace::{Damage, TraceError};
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::exit::Exit;

/// A verb's failure: a diagnostic and the exit code that goes with it.
#[derive(Debug)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    details: Box<Details>,
}

/// What is told; boxed because failures travel through every `Result`.
#[derive(Debug)]
struct Details {
    code: &'static str,
    message: String,
    help: Option<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    place: Option<(NamedSource<String>, std::ops::Range<usize>)>,
}

impl Failure {
    /// A failure with its stable code (`bee::area::what`) and one sentence.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let details = Details { code, message, help: None, cause: None, place: None };
        Self { exit, details: Box::new(details) }
    }

    /// The error behind it.
    pub fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.details.cause = Some(Box::new(cause));
        self
    }

    /// What to do: a command to run, or what to change.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.details.help = Some(help.into());
        self
    }

    /// The place in a text file that is wrong, as a byte range.
    pub fn at(mut self, path: &Path, text: String, span: std::ops::Range<usize>) -> Self {
        self.details.place = Some((NamedSource::new(path.display().to_string(), text), span));
        self
    }

    /// Code of the diagnostic, for JSON output.
    pub fn code(&self) -> &'static str {
        self.details.code
    }

    /// Help text, for JSON output.
    pub fn help_text(&self) -> Option<&str> {
        self.details.help.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.details.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.details.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

impl Diagnostic for Failure {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.details.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.details.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.details.place.as_ref().map(|(source, _)| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.details.place.as_ref()?;
        let label = LabeledSpan::new(Some("here".to_owned()), span.start, span.len());
        Some(Box::new(std::iter::once(label)))
    }
}

/// A trace that cannot be read.
pub fn unreadable_trace(path: &Path, error: TraceError) -> Failure {
    let shown = path.display();
    let (code, help) = match &error {
        TraceError::Io { .. } => ("bee::trace::io", format!("check the path: ls -l {shown}")),
        TraceError::WrongMagic { .. } => (
            "bee::trace::magic",
            "record one with: beehive profile -o app.beetrace -- java -jar app.jar".to_owned(),
        ),
        TraceError::NewerVersion { .. } => {
            ("bee::trace::version", "upgrade beehive: cargo install --path cli".to_owned())
        }
        TraceError::Empty => (
            "bee::trace::empty",
            "the run ended before anything was recorded; record a longer one".to_owned(),
        ),
        TraceError::Damaged(Damage::Truncated { .. }) => (
            "bee::trace::truncated",
            "no whole chunk is left; copy the file again or record a new run".to_owned(),
        ),
        TraceError::Damaged(_) => (
            "bee::trace::checksum",
            "the file was altered; copy it again or record a new run".to_owned(),
        ),
        _ => ("bee::trace::contents", "record a new run with this beehive".to_owned()),
    };
    Failure::new(Exit::Input, code, format!("{shown} cannot be used as a trace"))
        .because(error)
        .help(help)
}

/// A plan that cannot be read.
pub fn unreadable_plan(path: &Path, error: PlanError) -> Failure {
    let shown = path.display();
    let message = format!("{shown} cannot be used as a plan");
    let remake = "make one with: beehive plan app.beetrace".to_owned();
    let (code, help) = match &error {
        PlanError::Io { .. } => ("bee::plan::io", remake),
        PlanError::NewerVersion { .. } => {
            ("bee::plan::version", "upgrade beehive: cargo install --path cli".to_owned())
        }
        PlanError::Syntax { .. } => {
            ("bee::plan::syntax", "mend the place shown, or make the plan anew".to_owned())
        }
        _ => ("bee::plan::contents", remake),
    };
    let span = match &error {
        PlanError::Syntax { span, .. } => span.clone(),
        _ => None,
    };
    let failure = Failure::new(Exit::Input, code, message).because(error).help(help);
    match (span, std::fs::read_to_string(path)) {
        (Some(span), Ok(text)) => failure.at(path, text, span),
        _ => failure,
    }
}

/// An output that cannot be written.
pub fn unwritable(path: &Path, error: impl Error + Send + Sync + 'static) -> Failure {
    let message = format!("cannot write {}", path.display());
    Failure::new(Exit::Output, "bee::output::unwritable", message).because(error).help(
        "choose another place with -o, or free the disk; what stood there before is untouched",
    )
}
