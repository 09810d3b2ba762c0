//! The text form of a trace: one row a line, ids as `c0`/`m0`, attributes as JSON with what is empty
//! left out. Meant to be read, diffed and written by hand; reads back to the same trace. Blanks in names
//! are written `%20`.
//!
//! ```text
//! beetrace 1
//! class c0 com.acme.Shop {"origin":"user"}
//! method m0 c0 buy (I)V {}
//! edge - m0 120
//! root m0 {"latency":{"buckets":{"640":120},"sum_ns":123456}}
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt::Write;

use crate::chunk::{Chunk, FILE_VERSION};
use crate::deep::{Deep, DeepRow, EachTable};
use crate::error::TraceError;
use crate::fold::Fold;
use crate::model::{Class, ClassUse, Edge, Method, OUTSIDE, Trace};
use crate::write::chunks_of;

/// The text form.
///
/// # Errors
/// [`TraceError::Text`] if a row cannot be turned into JSON.
pub fn to_text(trace: &Trace) -> Result<String, TraceError> {
    let mut out = format!("beetrace {FILE_VERSION}\n");
    chunks_of(trace, 0, 0, &mut |chunk| write_chunk(&mut out, &chunk))?;
    Ok(out)
}

fn write_chunk(out: &mut String, chunk: &Chunk) -> Result<(), TraceError> {
    match chunk {
        Chunk::Run(run) => line(out, "run", run, &[])?,
        Chunk::Classes { first, rows } => {
            for (id, row) in (*first..).zip(rows) {
                line(out, &format!("class c{id} {}", word(&row.name)), row, &["name"])?;
            }
        }
        Chunk::Methods { first, rows } => {
            for (id, row) in (*first..).zip(rows) {
                let (name, descriptor) = (word(&row.name), word(&row.descriptor));
                let head = format!("method m{id} c{} {name} {descriptor}", row.class);
                line(out, &head, row, &["class", "name", "descriptor"])?;
            }
        }
        Chunk::Edges(rows) => rows.iter().for_each(|e| {
            let (caller, callee) = (method_ref(e.caller), method_ref(e.callee));
            let _ = writeln!(out, "edge {caller} {callee} {}", e.count);
        }),
        Chunk::Roots(rows) => {
            for row in rows {
                line(out, &format!("root m{}", row.method), row, &["method"])?;
            }
        }
        Chunk::ClassUses(rows) => rows.iter().for_each(|u| {
            let _ = writeln!(out, "use c{} {}", u.class, method_ref(u.method));
        }),
        Chunk::Threads(rows) => lines(out, "threads", rows)?,
        Chunk::Monitors(rows) => lines(out, "monitor", rows)?,
        Chunk::Connections(rows) => lines(out, "connection", rows)?,
        Chunk::Generated(rows) => lines(out, "generated", rows)?,
        Chunk::Traffic(traffic) => line(out, "traffic", traffic, &[])?,
        Chunk::Losses(losses) => line(out, "losses", losses, &[])?,
        Chunk::Deep(rows) => rows.clone().each_table(&mut DeepLines(out))?,
    }
    Ok(())
}

fn lines<T: Serialize + Default>(
    out: &mut String,
    head: &str,
    rows: &[T],
) -> Result<(), TraceError> {
    rows.iter().try_for_each(|row| line(out, head, row, &[]))
}

fn line<T: Serialize + Default>(
    out: &mut String,
    head: &str,
    row: &T,
    in_head: &[&str],
) -> Result<(), TraceError> {
    let text = |e: serde_json::Error| TraceError::Text { line: 0, reason: e.to_string() };
    let mut value = serde_json::to_value(row).map_err(text)?;
    let default = serde_json::to_value(T::default()).map_err(text)?;
    if let Value::Object(fields) = &mut value {
        fields.retain(|name, _| !in_head.contains(&name.as_str()));
    }
    leave_out_defaults(&mut value, &default);
    let _ = writeln!(out, "{head} {value}");
    Ok(())
}

/// Removes the fields that reading puts back by itself: those equal to the default's.
fn leave_out_defaults(value: &mut Value, default: &Value) {
    let (Value::Object(fields), Value::Object(defaults)) = (value, default) else { return };
    fields.retain(|name, field| defaults.get(name) != Some(field));
    for (name, field) in fields {
        if let Some(default) = defaults.get(name) {
            leave_out_defaults(field, default);
        }
    }
}

/// A name as one word of a line: what would end a word, and `%` itself, as `%` and two hexadecimal
/// digits a byte. The JVM allows spaces in names; an empty name is a bare `%`.
fn word(name: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '%';
    if name.is_empty() {
        return Cow::Borrowed("%");
    }
    if name.chars().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(out, "%{byte:02x}");
            }
        }
    }
    Cow::Owned(out)
}

/// The name behind a [`word`].
fn unword(word: &str) -> Result<String, String> {
    if word == "%" {
        return Ok(String::new());
    }
    let mut parts = word.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (Some(byte), Some(rest)) = (digits, part.get(2..)) else {
            return Err(format!("`{word}`: `%` must be followed by two hexadecimal digits"));
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).map_err(|e| format!("`{word}`: {e}"))
}

fn method_ref(id: u32) -> String {
    if id == OUTSIDE { "-".to_owned() } else { format!("m{id}") }
}

/// Reads the text form. Empty lines and lines beginning with `;` are skipped.
///
/// # Errors
/// [`TraceError::Text`] with the line, [`TraceError::NewerVersion`], or a dangling id.
pub fn parse_text(text: &str) -> Result<Trace, TraceError> {
    let mut fold = Fold::default();
    let mut seen_header = false;
    for (number, raw) in (1..).zip(text.lines()) {
        let raw = raw.trim();
        if raw.is_empty() || raw.starts_with(';') {
            continue;
        }
        let at = |reason: String| TraceError::Text { line: number, reason };
        let (word, rest) = raw.split_once(' ').unwrap_or((raw, ""));
        if !seen_header {
            check_first_line(word, rest).map_err(|e| e.unwrap_or_else(|| at(FIRST_LINE.into())))?;
            seen_header = true;
            continue;
        }
        fold.push(parse_line(word, rest.trim()).map_err(at)?)?;
    }
    if seen_header { fold.finish() } else { Err(TraceError::Empty) }
}

const FIRST_LINE: &str = "the first line must be `beetrace 1`";

fn check_first_line(word: &str, rest: &str) -> Result<(), Option<TraceError>> {
    let found = rest.trim().parse::<u16>().map_err(|_| None)?;
    if word != "beetrace" {
        return Err(None);
    }
    if found > FILE_VERSION {
        return Err(Some(TraceError::NewerVersion { found, supported: FILE_VERSION }));
    }
    Ok(())
}

fn parse_line(word: &str, rest: &str) -> Result<Chunk, String> {
    match word {
        "run" => plain(rest).map(|run| Chunk::Run(Box::new(run))),
        "class" => {
            let ([id, name], attributes) = words::<2>(rest)?;
            let row: Class = json(attributes, [("name", Value::from(unword(name)?))])?;
            Ok(Chunk::Classes { first: number(id, "c")?, rows: vec![row] })
        }
        "method" => {
            let ([id, class, name, descriptor], attributes) = words::<4>(rest)?;
            let mut row: Method = json(attributes, [("name", Value::from(unword(name)?))])?;
            row.class = number(class, "c")?;
            row.descriptor = unword(descriptor)?;
            Ok(Chunk::Methods { first: number(id, "m")?, rows: vec![row] })
        }
        "edge" => {
            let ([caller, callee, count], _) = words::<3>(rest)?;
            let (caller, callee) = (method_id(caller)?, number(callee, "m")?);
            Ok(Chunk::Edges(vec![Edge { caller, callee, count: number(count, "")? }]))
        }
        "root" => {
            let ([id], attributes) = words::<1>(rest)?;
            let id: u32 = number(id, "m")?;
            json(attributes, [("method", Value::from(id))]).map(|row| Chunk::Roots(vec![row]))
        }
        "use" => {
            let ([class, method], _) = words::<2>(rest)?;
            let (class, method) = (number(class, "c")?, method_id(method)?);
            Ok(Chunk::ClassUses(vec![ClassUse { class, method }]))
        }
        "threads" => plain(rest).map(|row| Chunk::Threads(vec![row])),
        "monitor" => plain(rest).map(|row| Chunk::Monitors(vec![row])),
        "connection" => plain(rest).map(|row| Chunk::Connections(vec![row])),
        "generated" => plain(rest).map(|row| Chunk::Generated(vec![row])),
        "traffic" => plain(rest).map(Chunk::Traffic),
        "losses" => plain(rest).map(Chunk::Losses),
        deep if deep.starts_with("deep.") => {
            deep_line(deep, rest).map(|rows| Chunk::Deep(Box::new(rows)))
        }
        other => Err(format!("unknown kind of line `{other}`")),
    }
}

/// Writes deep rows, method ids in the head of the line.
struct DeepLines<'o>(&'o mut String);

impl EachTable for DeepLines<'_> {
    type Error = TraceError;

    fn table<R: DeepRow + Serialize>(
        &mut self,
        rows: &mut Vec<R>,
        _: fn(Vec<R>) -> Deep,
    ) -> Result<(), TraceError> {
        for row in rows {
            let mut head = R::WORD.to_owned();
            for id in row.ids() {
                let _ = write!(head, " {}", method_ref(*id));
            }
            line(self.0, &head, row, R::IDS)?;
        }
        Ok(())
    }
}

/// Reads one deep row.
struct DeepLine<'t> {
    word: &'t str,
    rest: &'t str,
    found: Option<Deep>,
}

impl EachTable for DeepLine<'_> {
    type Error = String;

    fn table<R: DeepRow + DeserializeOwned>(
        &mut self,
        _: &mut Vec<R>,
        wrap: fn(Vec<R>) -> Deep,
    ) -> Result<(), String> {
        if R::WORD != self.word {
            return Ok(());
        }
        let mut rest = self.rest;
        let mut ids = Map::new();
        for name in R::IDS {
            let ([id], after) = words::<1>(rest)?;
            ids.insert((*name).to_owned(), Value::from(method_id(id)?));
            rest = after;
        }
        self.found = Some(wrap(vec![json(rest, ids)?]));
        Ok(())
    }
}

fn deep_line(word: &str, rest: &str) -> Result<Deep, String> {
    let mut line = DeepLine { word, rest, found: None };
    Deep::default().each_table(&mut line)?;
    line.found.ok_or_else(|| format!("unknown kind of line `{word}`"))
}

/// The first `N` words of a line and what follows them.
fn words<const N: usize>(rest: &str) -> Result<([&str; N], &str), String> {
    let mut found = [""; N];
    let mut rest = rest;
    for slot in &mut found {
        rest = rest.trim_start();
        let end = rest.find(' ').unwrap_or(rest.len());
        (*slot, rest) = rest.split_at(end);
        if slot.is_empty() {
            return Err(format!("{N} words expected before the attributes"));
        }
    }
    Ok((found, rest.trim()))
}

fn number<T: std::str::FromStr>(word: &str, prefix: &str) -> Result<T, String> {
    let digits = word.strip_prefix(prefix).unwrap_or_default();
    digits.parse().map_err(|_| format!("`{word}` should be `{prefix}` and a number"))
}

fn method_id(word: &str) -> Result<u32, String> {
    if word == "-" { Ok(OUTSIDE) } else { number(word, "m") }
}

/// Attributes alone as JSON.
fn plain<T: DeserializeOwned>(attributes: &str) -> Result<T, String> {
    json::<T, String>(attributes, [])
}

/// Attributes as JSON with the fields of the line's head put in.
fn json<T: DeserializeOwned, K: Into<String>>(
    attributes: &str,
    head: impl IntoIterator<Item = (K, Value)>,
) -> Result<T, String> {
    let attributes = if attributes.is_empty() { "{}" } else { attributes };
    let mut fields: Map<String, Value> =
        serde_json::from_str(attributes).map_err(|e| format!("attributes: {e}"))?;
    fields.extend(head.into_iter().map(|(name, value)| (name.into(), value)));
    serde_json::from_value(Value::Object(fields)).map_err(|e| format!("attributes: {e}"))
}
