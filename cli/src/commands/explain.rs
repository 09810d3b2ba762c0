//! `beehive explain CODE`: the documented entry of a decision code or of an error's code, out of the
//! same pages that stand in `docs/`.

use serde::Serialize;

use crate::args::explain::ExplainArgs;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::printer::Printer;

const VERDICTS: &str = include_str!("../../../docs/verdicts.md");
const ERRORS: &str = include_str!("../../../docs/errors.md");

/// One entry.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Entry {
    code: String,
    text: String,
}

/// Runs `beehive explain`.
pub fn run(args: &ExplainArgs, printer: &Printer) -> Result<Exit, Failure> {
    let all: Vec<Entry> = verdicts().chain(errors()).collect();
    let Some(code) = &args.code else {
        let lines: Vec<String> = all
            .iter()
            .map(|entry| format!("{:<28} {}", entry.code, first_sentence(&entry.text)))
            .collect();
        printer.data(&all, || lines.join("\n"));
        return Ok(Exit::Ok);
    };
    let is_asked = |entry: &&Entry| entry.code.eq_ignore_ascii_case(code);
    let entry = all.iter().find(is_asked).ok_or_else(|| unknown(code, &all))?;
    printer.data(entry, || format!("{}\n\n{}", entry.code, entry.text));
    Ok(Exit::Ok)
}

fn unknown(code: &str, all: &[Entry]) -> Failure {
    let wanted = code.to_ascii_uppercase();
    let mut near: Vec<(usize, &str)> = all
        .iter()
        .map(|entry| (distance(&wanted, &entry.code.to_ascii_uppercase()), entry.code.as_str()))
        .filter(|(distance, code)| {
            *distance <= code.len() / 3 || code.to_ascii_uppercase().contains(&wanted)
        })
        .collect();
    near.sort_unstable();
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, code)| code).collect();
    let help = if near.is_empty() {
        "beehive explain lists all codes".to_owned()
    } else {
        format!("did you mean {}? beehive explain lists all codes", near.join(", "))
    };
    Failure::new(Exit::Usage, "bee::explain::unknown", format!("no code {code} is documented"))
        .help(help)
}

/// Letters to insert, delete or replace to get from one text to the other (V. Levenshtein, 1965).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.chars().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for ((&b, &diagonal), &above) in to.iter().zip(&row).zip(row.iter().skip(1)) {
            left = (left + 1).min(above + 1).min(diagonal + usize::from(a != b));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// The sections of the page of verdicts whose headings are codes.
fn verdicts() -> impl Iterator<Item = Entry> {
    let sections = VERDICTS.split("\n## ").skip(1);
    sections.filter_map(|section| {
        let (code, text) = section.split_once('\n')?;
        let is_code = code.starts_with("OFFLOAD_");
        is_code.then(|| Entry { code: code.trim().to_owned(), text: text.trim().to_owned() })
    })
}

/// The rows of the page of errors.
fn errors() -> impl Iterator<Item = Entry> {
    let rows = ERRORS.lines().filter(|line| line.starts_with("| `bee::"));
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').trim().split(" | ");
        let code = cells.next()?.trim_matches('`').to_owned();
        let (exit, when, helps) = (cells.next()?, cells.next()?, cells.next().unwrap_or_default());
        let helps = helps.trim();
        let text = if helps.is_empty() {
            format!("Exit code {exit}: {when}.")
        } else {
            format!("Exit code {exit}: {when}. What helps: {helps}.")
        };
        Some(Entry { code, text })
    })
}

/// The first sentence of a text, on one line.
fn first_sentence(text: &str) -> String {
    let line = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    match line.find(". ") {
        Some(at) => line.get(..=at).unwrap_or(&line).to_owned(),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_entry() {
        let entries: Vec<Entry> = verdicts().collect();
        for code in beehive_plan::code::ALL {
            let entry = entries.iter().find(|entry| entry.code == *code);
            assert!(entry.is_some_and(|entry| entry.text.len() > 80), "{code} is not explained");
        }
    }

    #[test]
    fn distances_are_counted_in_letters() {
        assert_eq!(distance("KITTEN", "SITTING"), 3);
        assert_eq!(distance("", "AB"), 2);
        assert_eq!(distance("SAME", "SAME"), 0);
    }

    #[test]
    fn rows_of_errors_are_entries() {
        let entries: Vec<Entry> = errors().collect();
        let entry = entries.iter().find(|entry| entry.code == "bee::plan::syntax").unwrap();
        assert!(entry.text.contains("Exit code 3") && entry.text.contains("What helps"));
    }
}
