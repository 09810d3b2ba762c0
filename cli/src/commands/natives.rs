//! `beehive natives`: the categories of native methods, of a JDK or of an application's libraries.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use beehive_natives::{
    Category, FileNatives, JdkNatives, JdkRow, NativesError, natives_of_file, natives_of_jdk,
};

use crate::args::natives::NativesArgs;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::printer::Printer;

/// Runs `beehive natives`.
pub fn run(args: &NativesArgs, printer: &Printer) -> Result<Exit, Failure> {
    if let Some(file) = &args.lib {
        let found = natives_of_file(file).map_err(|error| failure(error, file))?;
        warn_about_libraries(&found, file, printer);
        printer.data(&found, || text_of_file(&found));
        return Ok(Exit::Ok);
    }
    let home = args.jdk.clone().or_else(installed_jdk).ok_or_else(no_jdk)?;
    let mut jdk = natives_of_jdk(&home).map_err(|error| failure(error, &home))?;
    warn_about_rows(&jdk, printer);
    if args.disputed {
        jdk.rows.retain(JdkRow::is_disputed);
    }
    printer.data(&jdk, || text_of_jdk(&jdk));
    Ok(Exit::Ok)
}

/// The first JDK in the order of the recorder: `JAVA_HOME`, `PATH`, the system's folders.
fn installed_jdk() -> Option<PathBuf> {
    beehive_record::installed_jdks().into_iter().next().map(|jdk| jdk.home)
}

fn no_jdk() -> Failure {
    Failure::new(Exit::Jvm, "bee::natives::no_jdk", "no JDK was found")
        .help("name one: beehive natives --jdk /path/to/jdk")
}

fn warn_about_rows(jdk: &JdkNatives, printer: &Printer) {
    let without: Vec<String> = jdk
        .rows
        .iter()
        .filter(|row| row.reason.is_none())
        .map(|row| row.native.to_string())
        .collect();
    let (version, count) = (&jdk.version, without.len());
    if !jdk.is_reviewed {
        printer.warning(format!(
            "nobody has reviewed JDK {}: all {count} natives of {version} are unknown; \
             the proposal is shown beside them",
            jdk.feature
        ));
    } else if count > 0 {
        let first = without.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        printer.warning(format!(
            "{count} natives of {version} have no reviewed row and are unknown, e.g. {first}"
        ));
    }
}

fn warn_about_libraries(found: &FileNatives, file: &Path, printer: &Printer) {
    if found.libraries.is_empty() {
        printer.warning(format!("{} holds no library that can be judged", file.display()));
    }
    for left in &found.left_out {
        printer.note(format!("left out: {} ({})", left.place, left.reason));
    }
}

fn text_of_jdk(jdk: &JdkNatives) -> String {
    let mut out = String::new();
    for row in &jdk.rows {
        let mark = if row.is_disputed() { '≠' } else { ' ' };
        let (table, proposal) = (row.category, row.proposal.category);
        let _ = writeln!(out, "{mark} {table:<12} {proposal:<12} {}", row.native);
        let _ = writeln!(out, "    {}", row.reason.unwrap_or("no reviewed row"));
        if !row.state.is_empty() {
            let _ = writeln!(out, "    state: {}; {}", row.state, row.marshalling);
        }
        if row.is_disputed() {
            let _ = writeln!(out, "    proposed because of: {}", row.proposal.evidence);
        }
    }
    out.push_str(&matrix_text(jdk));
    out
}

fn matrix_text(jdk: &JdkNatives) -> String {
    let matrix = &jdk.matrix;
    let mut out =
        format!("\nJDK {}: reviewed table (rows) against proposal (columns)\n", jdk.version);
    let _ = write!(out, "{:<14}", "");
    for proposal in Category::ALL {
        let _ = write!(out, "{proposal:>13}");
    }
    out.push('\n');
    for table in Category::ALL {
        let _ = write!(out, "{table:<14}");
        for proposal in Category::ALL {
            let _ = write!(out, "{:>13}", matrix.cell(table, proposal));
        }
        out.push('\n');
    }
    let (total, committed, agreed) = (matrix.total(), matrix.committed(), matrix.agreed());
    let unknown = matrix.cell(Category::Unknown, Category::Unknown);
    let _ = writeln!(
        out,
        "{total} natives; the proposal commits itself on {committed} and agrees on {} of them; \
         it would wrongly run {} on a worker as they are",
        agreed - unknown,
        matrix.harmful()
    );
    out
}

fn text_of_file(found: &FileNatives) -> String {
    let mut out = String::new();
    for library in &found.libraries {
        let (functions, natives) = (library.functions, library.rows.len());
        let _ = writeln!(out, "{}: {functions} functions, {natives} natives", library.place);
        for row in &library.rows {
            let (category, native) = (row.proposal.category, &row.native);
            let name =
                if native.class.is_empty() { native.method.clone() } else { native.to_string() };
            let _ = writeln!(out, "  {category:<12} {name}");
            let _ = writeln!(out, "      {}", row.proposal.evidence);
        }
        for category in Category::ALL {
            let count = library.rows.iter().filter(|r| r.proposal.category == category).count();
            if count > 0 {
                let _ = writeln!(out, "  {count:>5} {category}");
            }
        }
    }
    let _ = writeln!(out, "{} native methods declared by classes in the file", found.declared);
    out
}

fn failure(error: NativesError, path: &Path) -> Failure {
    let shown = path.display();
    let (code, help) = match &error {
        NativesError::NotElf { .. } => (
            "bee::natives::not_elf",
            "give an ELF library for x86-64 Linux, or a jar that holds one".to_owned(),
        ),
        NativesError::OtherMachine { .. } | NativesError::OtherSystem { .. } => (
            "bee::natives::machine",
            "give the library's x86-64 Linux build; its natives are unknown until then".to_owned(),
        ),
        NativesError::Malformed { .. } | NativesError::Jar { .. } => (
            "bee::natives::damaged",
            format!("the file was cut or altered; copy it again: {shown}"),
        ),
        NativesError::Jdk { .. } | NativesError::NoVersion { .. } => {
            ("bee::natives::not_a_jdk", "name a JDK's home: beehive natives --jdk PATH".to_owned())
        }
        _ => ("bee::natives::io", format!("check the path: ls -l {shown}")),
    };
    Failure::new(Exit::Input, code, format!("the natives of {shown} cannot be told"))
        .because(error)
        .help(help)
}
