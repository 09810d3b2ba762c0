//! `beehive package`: from a plan to a verified bundle.

mod verification;

use std::fmt::Write;
use std::path::Path;

use beehive_host::Trial;
use beehive_packager::{
    Bundle, LeftOut, Listing, PackageError, PlannedTrace, Target, Written, make_bundle,
    read_planned_trace, write_bundle,
};
use serde::Serialize;

use crate::args::package::{PackageArgs, TargetName};
use crate::diagnostics::{Failure, unreadable_plan, unreadable_trace, unwritable};
use crate::exit::Exit;
use crate::printer::Printer;

/// Runs `beehive package`.
pub fn run(args: &PackageArgs, printer: &Printer) -> Result<Exit, Failure> {
    let target = supported(args.target)?;
    let failed = |error| packaging_failure(error, &args.plan);
    let plan = beehive_plan::read_plan(&args.plan).map_err(|e| unreadable_plan(&args.plan, e))?;
    let planned = read_planned_trace(&plan, &args.plan, args.trace.as_deref()).map_err(failed)?;
    warn_about(&planned, printer);
    let bundle = make_bundle(&plan, &planned.trace, target).map_err(failed)?;
    let written = if args.dry_run {
        None
    } else {
        Some(write_bundle(&bundle, &planned.trace, &args.output).map_err(failed)?)
    };
    warn_about_gaps(&bundle, printer);
    let verify = || verification::of(&args.output, &bundle, &planned, &args.plan);
    let trial = args.verify.then(verify).transpose()?;
    let answer = Answer { written: written.as_ref(), trial, listing: &bundle.listing };
    printer.data(&answer, || answer.text(&args.output));
    Ok(Exit::Ok)
}

fn supported(target: TargetName) -> Result<Target, Failure> {
    let name = match target {
        TargetName::Local => return Ok(Target::Local),
        TargetName::Lambda => "lambda",
        TargetName::Openwhisk => "openwhisk",
    };
    let message = format!("bundles for {name} are not there yet");
    Err(Failure::new(Exit::Usage, "bee::package::target", message)
        .help("use --target local, workers on the server's own machine"))
}

fn warn_about(planned: &PlannedTrace, printer: &Printer) {
    let shown = planned.path.display();
    if let Some(damage) = &planned.damage {
        printer.warning(format!("{shown}: {damage}; everything before it is used"));
    }
    if !planned.is_checked {
        printer.warning(format!("the plan holds no hash of its trace; {shown} is taken as it is"));
    }
}

fn warn_about_gaps(bundle: &Bundle, printer: &Printer) {
    for missing in &bundle.listing.missing_supertypes {
        let (class, supertype) = (&missing.class, &missing.supertype);
        printer.warning(format!("{supertype}, which {class} extends or implements, is nowhere"));
    }
    if !bundle.listing.without_bytes.is_empty() {
        let count = bundle.listing.without_bytes.len();
        let first = bundle.listing.without_bytes.first().map_or("", String::as_str);
        printer.warning(format!(
            "{count} classes made at run time are not in the trace and stay at home, e.g. {first}"
        ));
    }
    if let Some((first, methods)) = bundle.listing.not_rewritable.first_key_value() {
        let count = bundle.listing.not_rewritable.len();
        let why = methods.first().map_or("", String::as_str);
        printer.warning(format!(
            "{count} classes cannot be rewritten and stay at home, e.g. {first} ({why})"
        ));
    }
}

/// What the verb answers.
#[derive(Serialize)]
struct Answer<'a> {
    /// `null` with `--dry-run`.
    written: Option<&'a Written>,
    /// `null` without `--verify`.
    trial: Option<Trial>,
    #[serde(flatten)]
    listing: &'a Listing,
}

impl Answer<'_> {
    fn text(&self, output: &Path) -> String {
        let mut out = String::new();
        let listing = self.listing;
        let _ = writeln!(out, "JDK {}, target local", listing.jdk_build);
        for root in &listing.roots {
            let (methods, classes) = (root.methods_reached, root.classes);
            let size = size(root.class_bytes);
            let _ = writeln!(out, "root {}", root.method);
            let _ = writeln!(out, "     {methods} user methods, {classes} classes, {size}");
        }
        let _ = writeln!(out, "class path");
        for jar in &listing.jars {
            let (classes, files) = (jar.classes.len(), jar.resources.len());
            let signed = if jar.was_signed { ", signatures dropped" } else { "" };
            let contents = format!("{classes} classes, {files} files, {}{signed}", size(jar.bytes));
            let _ = writeln!(out, "  {}  {contents}", jar.path);
            if self.written.is_none() {
                for file in jar.classes.iter().chain(&jar.resources) {
                    let _ = writeln!(out, "    {:>9}  {}", file.bytes, file.name);
                }
            }
        }
        for (reason, left) in &listing.left_out {
            let _ = writeln!(out, "left at home: {}", left_out(reason, left));
        }
        out.push_str(&self.result(output));
        out
    }

    fn result(&self, output: &Path) -> String {
        let (classes, jars) = (self.listing.classes, self.listing.jars.len());
        let total = size(self.listing.bytes);
        let Some(written) = self.written else {
            let place = output.display();
            let tried = self.tried();
            return format!(
                "{place} would hold {classes} classes in {jars} jars, {total}; nothing was written{tried}"
            );
        };
        let (directory, archive) = (written.directory.display(), written.archive.display());
        let (packed, hash) = (size(written.archive_bytes), &written.archive_sha256);
        let supertypes = match written.verified.missing_supertypes.len() {
            0 => "every supertype".to_owned(),
            missing => format!("{missing} supertypes missing"),
        };
        let tried = self.tried();
        format!(
            "{directory}  {classes} classes in {jars} jars, {total}\n{archive}  {packed}, sha256 {hash}\n\
             read back and verified: every hash, every class, {supertypes}{tried}"
        )
    }

    fn tried(&self) -> String {
        self.trial.as_ref().map_or(String::new(), |trial| {
            let Trial { jdk_build, classes, loaded, invocations } = trial;
            format!(
                "\ntried on JDK {jdk_build}: a worker's JVM loads {loaded} of {classes} classes, its own among them; \
                 a worker was admitted and answered {invocations} invocations of the self-test"
            )
        })
    }
}

/// Words for the reasons of `beehive-packager`; documented in `docs/bundle.md`.
fn left_out(reason: &str, left: &LeftOut) -> String {
    let what = match reason {
        "class.not_reached" => "classes no root reaches",
        "class.no_bytes" => "classes made at run time that the trace does not hold",
        "class.shadowed" => "classes hidden by an equal name earlier in the class path",
        "resource.meta_inf" => "files of META-INF other than services",
        "resource.other_package" => "files of packages without a shipped class",
        "resource.root" => "files at the root, configuration among them",
        "resource.signature" => "signature files",
        other => other,
    };
    let bytes = left.bytes.map_or(String::new(), |bytes| format!(", {}", size(bytes)));
    format!("{} {what}{bytes}", left.files)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Exit code, diagnostic code and help for each way packaging can fail.
pub fn packaging_failure(error: PackageError, plan: &Path) -> Failure {
    let plan = plan.display();
    let error = match error {
        PackageError::Trace { path, source } => return unreadable_trace(&path, source),
        other => other,
    };
    let (exit, code, help) = match &error {
        PackageError::Io { path, .. } => return unwritable(&path.clone(), error),
        PackageError::NoTrace => (
            Exit::Input,
            "bee::package::no_trace",
            format!("name it: beehive package {plan} --trace app.beetrace"),
        ),
        PackageError::TraceMismatch { path, .. } => (
            Exit::Input,
            "bee::package::trace_mismatch",
            format!(
                "plan this trace: beehive plan {} -o {plan}; or give the right one with --trace",
                path.display()
            ),
        ),
        PackageError::NoRoots => (
            Exit::NothingToOffload,
            "bee::package::no_roots",
            format!("set `offload = true` at a candidate of {plan}, or record more load"),
        ),
        PackageError::UnknownRoot { .. } => (
            Exit::Input,
            "bee::package::unknown_root",
            format!("mend the method's name in {plan}, or plan again"),
        ),
        PackageError::RootWithoutClass { .. } => (
            Exit::Input,
            "bee::package::root_class",
            format!("set `offload = false` at this root in {plan}"),
        ),
        PackageError::NoJdkBuild | PackageError::MixedJdkBuilds { .. } => (
            Exit::Input,
            "bee::package::jdk_build",
            "plan a trace of one JDK build: beehive profile -o app.beetrace -- java …".to_owned(),
        ),
        PackageError::SourceUnreadable { .. } | PackageError::BadSource { .. } => (
            Exit::Input,
            "bee::package::source",
            "put the application back where it ran from, or record it where it is now".to_owned(),
        ),
        PackageError::ClassMissing { .. }
        | PackageError::ClassChanged { .. }
        | PackageError::BadClassFile { .. } => (
            Exit::Input,
            "bee::package::changed_class",
            "the application was rebuilt, or another agent rewrites it as it loads: \
             record and plan the present build"
                .to_owned(),
        ),
        PackageError::NotABundle { .. } | PackageError::BadOutput { .. } => (
            Exit::Output,
            "bee::package::not_a_bundle",
            format!("choose another place: beehive package {plan} -o other-bundle"),
        ),
        PackageError::Verification { .. } => (
            Exit::Verification,
            "bee::package::verification",
            "nothing was put in place; check the disk and package again".to_owned(),
        ),
        PackageError::NewerVersion { .. } => (
            Exit::Output,
            "bee::package::version",
            "a newer beehive wrote the bundle that is there; upgrade, or choose another -o"
                .to_owned(),
        ),
        _ => (Exit::Bug, "bee::package::archive", "please report this".to_owned()),
    };
    Failure::new(exit, code, "no bundle was made").because(error).help(help)
}
