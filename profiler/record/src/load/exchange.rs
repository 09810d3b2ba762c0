//! One request and its answer over HTTP/1.1, and the tally of many. Connections are kept alive and
//! pooled by the client; redirects are not followed.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beehive_trace::Traffic;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{COOKIE, HeaderValue, SET_COOKIE};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::RequestTemplate;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Answered whole, with that status.
    Status(u16),
    /// Not answered, for that reason.
    Failure(&'static str),
}

impl Answer {
    /// Status 200..400.
    pub(super) fn is_ok(&self) -> bool {
        matches!(self, Self::Status(200..400))
    }
}

/// Sends requests.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    answer_time: Duration,
    cookies: BTreeMap<String, String>,
    /// The file's requests with cookies; made once, as every send clones one.
    requests: Vec<Request<Full<Bytes>>>,
}

impl Client {
    /// A client that waits that long for an answer.
    pub(super) fn new(answer_time: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        // Servers close connections they find idle; one that we have dropped first cannot be closed
        // under a request of ours.
        let pool = Pool::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(4))
            .pool_max_idle_per_host(128)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { pool, answer_time, cookies: BTreeMap::new(), requests: Vec::new() }
    }

    /// Whether any HTTP answer comes from `host:port`.
    pub(super) async fn is_answering(&self, target: &str) -> bool {
        let request = Request::builder().method(Method::OPTIONS).uri(format!("http://{target}"));
        // The pool sends the path of an empty URI as `*` for OPTIONS.
        let Ok(request) = request.body(Full::default()) else { return false };
        let answer = tokio::time::timeout(Duration::from_secs(5), self.pool.request(request));
        matches!(answer.await, Ok(Ok(_)))
    }

    /// Sends a setup request; gives also the cookies it was answered with.
    pub(super) async fn send_for_cookies(
        &self,
        template: &RequestTemplate,
    ) -> (Answer, BTreeMap<String, String>) {
        let mut cookies = BTreeMap::new();
        let Some(request) = self.request(template) else {
            return (Answer::Failure("it cannot be built"), cookies);
        };
        let exchange = self.pool.request(request);
        let response = match tokio::time::timeout(self.answer_time, exchange).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return (Answer::Failure(reason(&error)), cookies),
            Err(_) => return (Answer::Failure("timeout"), cookies),
        };
        for header in response.headers().get_all(SET_COOKIE) {
            cookies.extend(header.to_str().ok().and_then(parse_cookie));
        }
        let status = response.status().as_u16();
        // The body is read so that the connection can be used again.
        let _ = response.into_body().collect().await;
        (Answer::Status(status), cookies)
    }

    /// Keeps cookies for all later requests; one of the same name replaces the older.
    pub(super) fn keep_cookies(&mut self, cookies: BTreeMap<String, String>) {
        self.cookies.extend(cookies);
    }

    /// Makes the requests to be sent, with the cookies kept so far.
    pub(super) fn freeze(&mut self, templates: &[RequestTemplate]) {
        self.requests = templates.iter().filter_map(|template| self.request(template)).collect();
    }

    fn request(&self, template: &RequestTemplate) -> Option<Request<Full<Bytes>>> {
        let body = Full::new(Bytes::from(template.body.clone()));
        let mut request = Request::builder()
            .method(template.method.clone())
            .uri(template.uri.clone())
            .body(body)
            .ok()?;
        request.headers_mut().extend(template.headers.clone());
        if !self.cookies.is_empty() && !request.headers().contains_key(COOKIE) {
            let pairs: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let value = HeaderValue::from_str(&pairs.join("; ")).ok()?;
            request.headers_mut().insert(COOKIE, value);
        }
        Some(request)
    }

    /// Sends the `index`-th request and reads the whole answer.
    pub(super) fn exchange(
        &self,
        index: usize,
    ) -> Option<impl Future<Output = Answer> + Send + use<>> {
        let request = self.requests.get(index)?.clone();
        let (pool, answer_time) = (self.pool.clone(), self.answer_time);
        Some(async move {
            let exchange = async {
                let response = pool.request(request).await.map_err(|e| reason(&e))?;
                let status = response.status().as_u16();
                response.into_body().collect().await.map_err(|e| reason(&e))?;
                Ok(status)
            };
            match tokio::time::timeout(answer_time, exchange).await {
                Ok(Ok(status)) => Answer::Status(status),
                Ok(Err(reason)) => Answer::Failure(reason),
                Err(_) => Answer::Failure("timeout"),
            }
        })
    }
}

/// `name=value` of a `Set-Cookie` header; attributes are not looked at.
fn parse_cookie(header: &str) -> Option<(String, String)> {
    let (name, value) = header.split(';').next()?.split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

/// The kind of a failure, from the innermost cause that tells.
fn reason(error: &(dyn Error + 'static)) -> &'static str {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return match io.kind() {
                ErrorKind::ConnectionRefused => "connection refused",
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "connection reset",
                ErrorKind::TimedOut => "timeout",
                _ => "connection failed",
            };
        }
        if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            if hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() {
                return "connection closed";
            }
            if hyper.is_parse() {
                return "answer is not HTTP";
            }
        }
        next = error.source();
    }
    "no answer"
}

/// Counts answers.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Traffic>);

impl Tally {
    /// Counts one answer, its latency from the intended time.
    pub(super) fn count(&self, answer: &Answer, latency: Duration) {
        let mut traffic = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traffic.sent += 1;
        match answer {
            Answer::Status(_) if answer.is_ok() => traffic.ok += 1,
            Answer::Status(status) => *traffic.failed_status.entry(*status).or_default() += 1,
            Answer::Failure(reason) => {
                *traffic.failed_io.entry((*reason).to_owned()).or_default() += 1;
            }
        }
        // A request without an answer has no latency.
        if matches!(answer, Answer::Status(_)) {
            traffic.latency.record(latency.as_nanos() as u64);
        }
    }

    /// What was counted; later counts are lost.
    pub(super) fn take(&self) -> Traffic {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_lose_their_attributes() {
        let cookie = parse_cookie("JSESSIONID=AB=C; Path=/; HttpOnly").unwrap();
        assert_eq!(cookie, ("JSESSIONID".to_owned(), "AB=C".to_owned()));
        assert_eq!(parse_cookie("nothing"), None);
    }
}
