//! The file of requests given to `--load` (docs/requests-http.md): reads it into requests with weights.
//! Sends nothing.

use std::path::{Path, PathBuf};

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};

use crate::error::RecordError;

/// Where requests go when neither the command line nor the file says otherwise.
pub const DEFAULT_TARGET: &str = "http://127.0.0.1:8080";

/// One request of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestTemplate {
    /// Text after `###`, or method and path.
    pub name: String,
    /// Share of the load; 0 for requests that are sent only as setup.
    pub weight: u32,
    /// Sent once before the load; its cookies are kept for all later requests.
    pub is_setup: bool,
    /// Method.
    pub method: Method,
    /// Absolute URI.
    pub uri: Uri,
    /// Headers as given.
    pub headers: HeaderMap,
    /// Body, without the line end before the next `###`.
    pub body: Vec<u8>,
}

/// Reads a file of requests. `target` is `http://host:port` from the command line.
///
/// # Errors
/// [`RecordError::RequestsUnreadable`], [`RecordError::Requests`] with the line, or
/// [`RecordError::Argument`] for a wrong target.
pub fn read_requests(
    path: &Path,
    target: Option<&str>,
) -> Result<Vec<RequestTemplate>, RecordError> {
    let unreadable = |source| RecordError::RequestsUnreadable { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let target = target.map(check_target).transpose()?;
    parse_requests(&text, target.as_deref(), path)
}

/// A target without its trailing slash; only plain HTTP without a path.
fn check_target(text: &str) -> Result<String, RecordError> {
    let wrong = |reason: &str| RecordError::Argument {
        what: "target",
        text: text.to_owned(),
        reason: reason.to_owned(),
    };
    let uri: Uri = text.parse().map_err(|_| wrong("give it as http://host:port"))?;
    if uri.scheme_str() == Some("https") {
        return Err(wrong("the driver speaks plain HTTP only; use the application's own port"));
    }
    if uri.scheme_str() != Some("http") || uri.authority().is_none() {
        return Err(wrong("give it as http://host:port"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(wrong("paths belong into the file of requests"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Parses the text of a file of requests.
fn parse_requests(
    text: &str,
    target: Option<&str>,
    path: &Path,
) -> Result<Vec<RequestTemplate>, RecordError> {
    let place = Place { path: path.to_owned(), target: target.map(str::to_owned) };
    let mut requests = Vec::new();
    for block in blocks(text) {
        requests.extend(block.parse(&place)?);
    }
    if !requests.iter().any(|request: &RequestTemplate| request.weight > 0) {
        return Err(
            place.wrong(1, "it holds no request to send (weights of 0 and `# setup` aside)")
        );
    }
    Ok(requests)
}

/// Where the text comes from and where its requests go.
struct Place {
    path: PathBuf,
    target: Option<String>,
}

impl Place {
    fn wrong(&self, line: usize, reason: impl Into<String>) -> RecordError {
        RecordError::Requests { path: self.path.clone(), line, reason: reason.into() }
    }

    /// An absolute URL stands; else the command line's target, the request's Host, the default.
    fn uri(&self, line: usize, target: &str, headers: &HeaderMap) -> Result<Uri, RecordError> {
        let host = headers.get(hyper::header::HOST).and_then(|host| host.to_str().ok());
        let absolute = if target.starts_with('/') {
            let by_host = || host.map(|host| format!("http://{host}"));
            let base = self.target.clone().or_else(by_host);
            format!("{}{target}", base.as_deref().unwrap_or(DEFAULT_TARGET))
        } else {
            target.to_owned()
        };
        let uri: Uri = absolute
            .parse()
            .map_err(|e| self.wrong(line, format!("{target:?} is no path or URL ({e})")))?;
        match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(_)) => Ok(uri),
            (Some("https"), _) => Err(self.wrong(line, "the driver speaks plain HTTP only")),
            _ => Err(self.wrong(line, format!("{target:?} must begin with / or http://"))),
        }
    }
}

/// Lines of one request, each with its number.
struct Block<'a> {
    name: &'a str,
    lines: Vec<(usize, &'a str)>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = vec![Block { name: "", lines: Vec::new() }];
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(name) = line.strip_prefix("###") {
            blocks.push(Block { name: name.trim(), lines: Vec::new() });
        } else if let Some(block) = blocks.last_mut() {
            block.lines.push((number, line));
        }
    }
    blocks
}

impl Block<'_> {
    /// `None` for a block of comments and empty lines.
    fn parse(&self, place: &Place) -> Result<Option<RequestTemplate>, RecordError> {
        let mut lines = self.lines.iter().copied();
        let (mut weight, mut is_setup) = (None, false);
        let (number, request_line) = loop {
            let Some((number, line)) = lines.next() else { return Ok(None) };
            match line.trim().strip_prefix('#') {
                Some(comment) => directive(comment, &mut weight, &mut is_setup)
                    .map_err(|reason| place.wrong(number, reason))?,
                None if line.trim().is_empty() => {}
                None => break (number, line.trim()),
            }
        };
        let (method, target) = split_request_line(request_line)
            .ok_or_else(|| place.wrong(number, format!("{request_line:?} is not `METHOD path`")))?;
        let mut headers = HeaderMap::new();
        for (number, line) in lines.by_ref() {
            if line.trim().is_empty() {
                break;
            }
            let header = parse_header(line);
            let (name, value) = header.ok_or_else(|| {
                place.wrong(
                    number,
                    format!(
                        "{line:?} is not `Header: value`; a body needs an empty line before it"
                    ),
                )
            })?;
            headers.append(name, value);
        }
        let uri = place.uri(number, target, &headers)?;
        let name = if self.name.is_empty() { request_line } else { self.name };
        Ok(Some(RequestTemplate {
            name: name.to_owned(),
            weight: weight.unwrap_or(u32::from(!is_setup)),
            is_setup,
            method,
            uri,
            headers,
            body: body(lines),
        }))
    }
}

fn directive(comment: &str, weight: &mut Option<u32>, is_setup: &mut bool) -> Result<(), String> {
    let comment = comment.trim();
    if comment == "setup" {
        *is_setup = true;
    } else if let Some(value) = comment.strip_prefix("weight:") {
        *weight = Some(parsed_weight(value).ok_or_else(|| {
            format!("weight {:?} is not a whole number up to 1000000", value.trim())
        })?);
    } else if let Some(value) = comment.strip_prefix("weight ") {
        // Without the colon it may be a sentence.
        *weight = parsed_weight(value).or(*weight);
    }
    Ok(())
}

fn parsed_weight(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|weight| *weight <= 1_000_000)
}

fn split_request_line(line: &str) -> Option<(Method, &str)> {
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let is_version = words.next().is_none_or(|version| version.starts_with("HTTP/"));
    let is_upper = method.bytes().all(|b| b.is_ascii_uppercase());
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    (is_version && is_upper && words.next().is_none()).then_some((method, target))
}

fn parse_header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().parse().ok()?, value.trim().parse().ok()?))
}

/// The rest of a block, without the empty lines at its end.
fn body<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<u8> {
    let lines: Vec<&str> = lines.map(|(_, line)| line).collect();
    lines.join("\n").trim_end().as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, target: Option<&str>) -> Result<Vec<RequestTemplate>, RecordError> {
        parse_requests(text, target, Path::new("r.http"))
    }

    const FILE: &str = "# our shop\n\n### login\n# setup\nPOST /login\nContent-Type: text/plain\n\n\
                        name=a\n\n## not a heading of ours\n\n### page\n# weight: 8\nGET /a?b=c \
                        HTTP/1.1\nAccept: */*\n";

    #[test]
    fn a_file_reads_into_its_requests() {
        let requests = parse(FILE, None).unwrap();
        let [login, page] = requests.as_slice() else { panic!("{requests:?}") };
        assert!(login.is_setup && login.weight == 0);
        assert_eq!(login.body, b"name=a\n\n## not a heading of ours");
        assert_eq!(login.headers["content-type"], "text/plain");
        assert_eq!((page.name.as_str(), page.weight, page.is_setup), ("page", 8, false));
        assert_eq!(page.uri.to_string(), "http://127.0.0.1:8080/a?b=c");
    }

    #[test]
    fn the_nearest_address_wins() {
        let uri = |text, target| parse(text, target).map(|r| r[0].uri.to_string());
        let with_host = "GET /x\nHost: shop:81\n";
        assert_eq!(uri(with_host, None).unwrap(), "http://shop:81/x");
        assert_eq!(uri(with_host, Some("http://h:9")).unwrap(), "http://h:9/x");
        assert_eq!(uri("GET http://z:7/x\n", Some("http://h:9")).unwrap(), "http://z:7/x");
    }

    #[test]
    fn a_weight_is_one_without_its_colon_too() {
        let text = "### a\n# weight 3\n# weight of the page\nGET http://h/\n";
        assert_eq!(parse(text, None).unwrap()[0].weight, 3);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line) in [
            ("### a\n# weight: many\nGET /", 2),
            ("### a\nGET", 2),
            ("### a\nget /", 2),
            ("### a\nGET /\nno header\n", 3),
            ("### a\n\nGET relative\n", 3),
            ("### a\nGET https://h/\n", 2),
            ("# nothing\n", 1),
            ("### a\n# setup\nGET /\n", 1),
        ] {
            match parse(text, None) {
                Err(RecordError::Requests { line: found, .. }) => {
                    assert_eq!(found, line, "{text:?}");
                }
                other => panic!("{text:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn targets_are_plain_http_without_a_path() {
        assert_eq!(check_target("http://127.0.0.1:81/").unwrap(), "http://127.0.0.1:81");
        for wrong in ["127.0.0.1:81", "https://h", "http://h/path", "ftp://h", ""] {
            assert!(check_target(wrong).is_err(), "{wrong}");
        }
    }
}
